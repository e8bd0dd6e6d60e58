"""Evaluates a trained model beside everything it must beat.

    python evaluate.py --model ../runs/evo-mini --data PATH/TO/SETS --built ../runs/evo-mini/data --json results.json
    python evaluate.py --model ../models/evo-mini --controls ../runs/evo-mini --data PATH/TO/SETS --exact
    python evaluate.py --model ../models/evo-mini --benchmark realtalk=PATH --benchmark longmemeval=PATH

--model is a folder that train.py wrote, or a model folder as it ships. Every system runs on every set: BM25,
MiniLM as published, late chunking, the three controls where they were trained, the model's modes; all but BM25
also with BM25 added. Figures are means over queries with bootstrap intervals; the model's modes are set against
the control that is best on that very set.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import torch

from checkpoint import autocast, load_controls, load_model, published
from data.benchmarks import BENCHMARKS
from encoding import Reader
from evaluation.ablated import variants
from evaluation.encoded import Texts
from evaluation.measured import DIFFERENCES, FUSED, Measured, run
from evaluation.sets import PARTS, read_sets
from evaluation.systems import LateChunking, Lexical, Named, Ordered, Static, System
from lexical import LEXICAL_WEIGHT
from quantise import quantise_encoder_
from retrieval import Retrieval

CONTROLS = ("control: static", "control: clock", "control: neighbours", "static")
AGES = [8, 16, 32, 64, 128, 256, 512]
AGED = ("BM25", "control: static", "control: clock", "control: neighbours", "static", "evolved", "hybrid", "hybrid reranked")


def systems_of(args: argparse.Namespace) -> list[System]:
    cast = (lambda device: nullcontext()) if args.exact else autocast
    model, tokenizer = load_model(args.model)
    if args.quantised:
        quantise_encoder_(model.encoder)
        model.head.half().float()
    texts = Texts(Reader(model, tokenizer), cast, memory=True, cache=args.cache)
    out: list[System] = [
        Lexical(),
        Static("MiniLM as published", Texts(Reader(*published()), cast, cache=args.cache)),
        LateChunking(texts),
        Retrieval(texts, args.lexical_weight),
    ]
    if args.controls:
        control, words = load_model(args.controls, "control")
        if args.quantised:
            quantise_encoder_(control.encoder)
        out.append(Static("control: static", Texts(Reader(control, words), cast, cache=args.cache)))
        out.append(Ordered(load_controls(args.controls), texts))
    if args.ablations:
        for name, head in variants(model.head).items():
            out.append(Named(f"evolved, {name}", "evolved", Retrieval(texts, modes=("evolved",), head=head)))
    return out


def is_fused(name: str) -> bool:
    """Whose scores are also told with BM25 added; the model's hybrid modes are that already."""
    return name.startswith(("control", "late", "MiniLM"))


def differences(measured: Measured, seed: int) -> dict[str, dict]:
    """Each mode of the model against the best control of its kind: alone, or fused with BM25."""
    dense, fused = CONTROLS, [*(name + FUSED for name in CONTROLS), "hybrid static"]
    kinds = {"evolved": dense, "evolved reranked": dense, "hybrid": fused, "hybrid reranked": fused}
    told: dict[str, dict] = {}
    for mode, controls in kinds.items():
        for metric in DIFFERENCES:
            found = measured.difference(mode, controls, metric, seed)
            if found:
                told.setdefault(mode, {})[metric] = found
    return told


def describe(measured: Measured, seed: int) -> dict:
    """All that results.json tells of one set, or part of one."""
    kinds = sorted(set(measured.types.tolist()))
    by_type = {kind: differences(measured.where(measured.types == kind), seed) for kind in kinds}
    aged = [name for name in AGED if name in measured.figures]
    return {
        **measured.summary(seed),
        "differences": differences(measured, seed),
        "differences by type": by_type if len(kinds) > 1 else {},
        "recall@10 by age": {name: measured.by_age(name, AGES) for name in aged},
    }


def show(name: str, told: dict) -> None:
    """One set's table, in points."""
    print(f"\n{name}: {told['queries']} queries of {told['conversations']} conversations")
    for system, figures in told["systems"].items():
        means = " ".join(
            f"{metric} {100 * mean:5.1f} ±{50 * (high - low):3.1f}"
            for metric, (mean, low, high) in ((m, v) for m, v in figures.items() if m != "types")
            if metric in DIFFERENCES
        )
        key = "among@1" if "among@1" in figures else "recall@10"
        kinds = " ".join(f"{kind} {100 * row[key][0]:.0f}" for kind, row in figures["types"].items() if key in row)
        print(f"  {system:28} {means} | {kinds}")
    for mode, found in told["differences"].items():
        for metric, row in found.items():
            mean, low, high = (100 * x for x in row["difference"])
            print(f"  {mode} {metric}: {mean:+.1f} ({low:+.1f} to {high:+.1f}) against {row['against']}", flush=True)


def provenance(args: argparse.Namespace, seconds: float) -> dict:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return {
        "command": " ".join(["python", *sys.argv]),
        "commit": commit.stdout.strip(),
        "seed": args.seed,
        "device": "cuda" if torch.cuda.is_available() else f"cpu, {torch.get_num_threads()} threads",
        "seconds": round(seconds, 1),
    }


def benchmark(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if name not in BENCHMARKS or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PATH with NAME of {', '.join(BENCHMARKS)}")
    return name, Path(path)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--controls", type=Path, help="folder of train.py that holds them; default: --model's")
    parser.add_argument("--data", type=Path, help="folder of the public sets")
    parser.add_argument("--built", type=Path, help="folder that data.build made, for the development sets")
    parser.add_argument(
        "--benchmark", type=benchmark, action="append", default=[], help="NAME=PATH of " + ", ".join(BENCHMARKS)
    )
    parser.add_argument("--file", type=Path, action="append", default=[], help="records in JSON lines")
    parser.add_argument("--sets", nargs="*", help="only these; default: all whose source is given")
    parser.add_argument("--ablations", action="store_true", help="also with parts of the memory taken away")
    parser.add_argument("--quantised", action="store_true", help="a run folder's weights as they would ship")
    parser.add_argument("--exact", action="store_true", help="f32 throughout")
    parser.add_argument("--lexical-weight", type=float, default=LEXICAL_WEIGHT)
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    parser.add_argument("--cache", type=Path, help="folder to keep what was read in, for the next time")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.controls is None and (args.model / "control.pt").exists():
        args.controls = args.model
    return args


def main() -> None:
    args = parse()
    began = time.perf_counter()
    systems = systems_of(args)
    told: dict[str, dict] = {}
    for name, records in read_sets(args.sets, args.data, args.built, dict(args.benchmark), args.file):
        start = time.perf_counter()
        measured = run(records, systems, is_fused, args.lexical_weight)
        parts = {name: measured}
        for part, chosen in PARTS.get(name, {}).items():
            parts[f"{name} {part}"] = measured.where(chosen(measured.records))
        for part, figures in parts.items():
            told[part] = describe(figures, args.seed)
            show(part, told[part])
        print(f"  {time.perf_counter() - start:.0f} s", flush=True)
    if args.json:
        run_of = provenance(args, time.perf_counter() - began)
        args.json.write_text(json.dumps({"run": run_of, "sets": told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
