"""Evaluates a trained model, and the static controls, on the evaluation sets.

    python evaluate.py --model ../runs/evo-mini --data ../../shared/data [--quantised] [--json FILE]

Rows: BM25, the encoder as published, the static control, and the evolvable model's modes.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from checkpoint import autocast, load_model
from data import evaluation
from data.record import Record, read_records
from encoding import Reader
from lexical import LEXICAL_WEIGHT
from metrics import average, measure
from quantise import quantise_encoder_
from retrieval import MODES, Retrieval

SETS: dict[str, Callable[[Path], Iterator[Record]]] = {
    "locomo_pairs": lambda data: evaluation.locomo(data, "pair"),
    "locomo_turns": lambda data: evaluation.locomo(data, "turn"),
    "coreference": lambda data: evaluation.eval_memory(data, "coreference"),
    "temporal": lambda data: evaluation.eval_memory(data, "temporal"),
    "friendsqa_tst": evaluation.friendsqa_test,
    "xquad": evaluation.xquad,
}


def evaluate(retrieval: Retrieval, records: list[Record]) -> dict[str, dict]:
    """Mode -> the metrics over all queries, and under `types` those of each query type."""
    rows: dict[str, list] = defaultdict(list)
    by_type: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for query, told in zip(record.queries, retrieval.scores(record), strict=True):
            for mode, scores in told.items():
                figures = measure(scores, query)
                rows[mode].append(figures)
                by_type[mode][query.type or "all"].append(figures)
    return {
        mode: {
            "queries": len(figures),
            **average(figures),
            "types": {kind: average(r) for kind, r in sorted(by_type[mode].items())},
        }
        for mode, figures in rows.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder that train.py wrote")
    parser.add_argument("--data", type=Path, help="folder of the public sets; default: only --file")
    parser.add_argument("--file", type=Path, action="append", default=[], help="records in JSON lines")
    parser.add_argument("--sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--stages", nargs="*", default=["published", "control", "head"])
    parser.add_argument("--quantised", action="store_true", help="with the weights as they ship")
    parser.add_argument("--exact", action="store_true", help="f32 throughout")
    parser.add_argument("--lexical-weight", type=float, default=LEXICAL_WEIGHT)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    sets = {str(path): list(read_records(path)) for path in args.file}
    if args.data:
        sets |= {name: list(SETS[name](args.data)) for name in args.sets}
    results: dict[str, dict] = {}
    for stage in args.stages:
        model, tokenizer = load_model(args.model, stage)
        if args.quantised:
            quantise_encoder_(model.encoder)
            model.head.half().float()
        modes = MODES if stage == "head" else ("static", "hybrid static")
        cast = (lambda device: torch.autocast(device.type, enabled=False)) if args.exact else autocast
        retrieval = Retrieval(Reader(model, tokenizer), cast, args.lexical_weight, modes)
        for name, records in sets.items():
            for mode, figures in evaluate(retrieval, records).items():
                results.setdefault(name, {})[f"{stage}: {mode}"] = figures
                told = " ".join(f"{k} {100 * v:.1f}" for k, v in figures.items() if isinstance(v, float))
                kinds = " ".join(
                    f"{kind} {100 * row.get('among@1', row['recall@10']):.0f}"
                    for kind, row in figures["types"].items()
                )
                print(f"{name:14} {stage}: {mode:18} {told} | {kinds}", flush=True)
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
