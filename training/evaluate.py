"""Evaluates a trained model beside everything it must beat.

    python evaluate.py --model ../runs/evo-mini --data PATH/TO/SETS --built ../runs/evo-mini/data --json results.json
    python evaluate.py --model ../models/evo-mini --controls ../runs/evo-mini --data PATH/TO/SETS --exact
    python evaluate.py --model ../models/evo-mini --benchmark realtalk=PATH --benchmark longmemeval=PATH

--model is a folder that train.py wrote, or a model folder as it ships. Every system runs on every set: BM25,
MiniLM as published, late chunking, the three controls where they were trained, the model's modes; all but BM25
also with BM25 in context added. Figures are means over queries with bootstrap intervals; the model's modes are set
against the control that is best on that very set.
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import nullcontext
from pathlib import Path

from calibrate import with_grids
from checkpoint import autocast, is_reranked, load_controls, load_model, published
from cost import cost_study
from data.benchmarks import BENCHMARKS
from data.evaluation import eval_memory
from encoding import Reader
from evaluation.ablated import variants, without_recurrence
from evaluation.encoded import Texts
from evaluation.length import length_study
from evaluation.measured import run
from evaluation.sets import PARTS, read_sets
from evaluation.steps import step_study
from evaluation.summary import describe, show
from evaluation.systems import LateChunking, Lexical, Named, Ordered, Static, System
from export import as_shipped
from lexical import LEXICAL_WEIGHT
from provenance import provenance
from quantise import quantise_encoder_
from report import write_report
from retrieval import MODES, WITHOUT_MEMORY, Retrieval

STUDIES = ("length", "steps", "cost")


def systems_of(args: argparse.Namespace) -> list[System]:
    cast = (lambda device: nullcontext()) if args.exact else autocast
    model, tokenizer = load_model(args.model)
    modes = tuple(mode for mode in MODES if is_reranked(args.model) or not mode.endswith("reranked"))
    if args.quantised:
        with_grids(model, tokenizer, args.built)
        model = as_shipped(model)
    texts = Texts(Reader(model, tokenizer), cast, memory=True, cache=args.cache)
    out: list[System] = [Lexical()]
    if not args.alone:
        out += [Static("MiniLM as published", Texts(Reader(*published()), cast, cache=args.cache)), LateChunking(texts)]
    out.append(Retrieval(texts, args.lexical_weight, modes))
    if (args.controls / "control.pt").exists():
        control, words = load_model(args.controls, "control")
        if args.quantised:
            with_grids(control, words, args.built)
            quantise_encoder_(control.encoder)
        out.append(Static("control: static", Texts(Reader(control, words), cast, cache=args.cache)))
    if (args.controls / "controls.pt").exists():
        out.append(Ordered(load_controls(args.controls), texts))
    if args.ablations:
        for name, head in variants(model.head).items():
            mode = "evolved vectors"
            out.append(Named({mode: f"{mode}, {name}"}, Retrieval(texts, modes=(mode,), head=head)))
        alone = {mode: f"{mode}, reach 0" for mode in ("evolved", "hybrid")}
        out.append(Named(alone, Retrieval(texts, args.lexical_weight, tuple(alone), reach=0)))
        if "hybrid reranked" in modes:
            forgetful = Retrieval(texts, args.lexical_weight, (WITHOUT_MEMORY,), without_recurrence(model.head))
            out.append(Named({WITHOUT_MEMORY: "hybrid reranked, no memory"}, forgetful))
    return out


def is_fused(name: str) -> bool:
    """Whose scores are also told with BM25 added; the model's hybrid modes are that already."""
    return name == "static" or name.startswith(("control", "late", "MiniLM"))


def run_studies(args: argparse.Namespace, systems: list[System]) -> dict[str, dict]:
    told: dict[str, dict] = {}
    if "length" in args.studies:
        lasting = [s for s in systems if not isinstance(s, LateChunking | Named)]
        told["length"] = length_study(lasting, args.built, args.seed)
    if "steps" in args.studies:
        (retrieval,) = (s for s in systems if isinstance(s, Retrieval))
        told["steps"] = step_study(retrieval, list(eval_memory(args.data, "temporal")))
    if "cost" in args.studies:
        told["cost"] = cost_study(args.model, args.data)
    return told


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
    parser.add_argument(
        "--studies", nargs="*", default=[], choices=STUDIES, help="length needs --built, the others --data"
    )
    parser.add_argument("--ablations", action="store_true", help="also with parts of the memory taken away")
    parser.add_argument("--alone", action="store_true", help="without MiniLM as published and late chunking")
    parser.add_argument("--quantised", action="store_true", help="a run folder's weights as they would ship, which needs --built")
    parser.add_argument("--exact", action="store_true", help="f32 throughout")
    parser.add_argument("--lexical-weight", type=float, default=LEXICAL_WEIGHT)
    parser.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    parser.add_argument("--cache", type=Path, help="folder to keep what was read in, for the next time")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--retrained", type=Path, help="what ablation_runs.py wrote, for the report")
    parser.add_argument("--report", type=Path, help="Markdown to write from its template, see report.py")
    args = parser.parse_args()
    args.controls = args.controls or args.model
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
            parts[f"{name}_{part}"] = measured.where(chosen(measured.records))
        for part, figures in parts.items():
            told[part] = describe(figures, args.seed)
            show(part, told[part])
        print(f"  {time.perf_counter() - start:.0f} s", flush=True)
    studies = run_studies(args, systems)
    results = {"run": provenance(args.seed, time.perf_counter() - began), "sets": told, "studies": studies}
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n")
    if args.report:
        write_report([results], args.report, args.retrained)


if __name__ == "__main__":
    main()
