"""Where a query relies on the memory by half: chosen on development data, natural, templated and woven alike.

    python reliance.py --run ../runs/evo-mini --data ../runs/data

Writes the threshold into the run's config.json.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch import Tensor

from checkpoint import autocast, load_model
from data.development import natural, templated, woven
from data.record import Record
from encoding import Reader
from evaluation.encoded import Encoded
from metrics import measure
from retrieval import Retrieval

THRESHOLDS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
MODES = ("static", "evolved", "hybrid")


def recall(retrieval: Retrieval, read: list[tuple[Record, Encoded, Tensor]], threshold: float) -> dict[str, float]:
    """Mode -> mean recall@1 over all queries of records that were read, with this threshold."""
    head = retrieval.head
    head.config = replace(head.config, reliance_threshold=threshold)
    found: dict[str, list[float]] = {mode: [] for mode in MODES}
    for record, encoded, latents in read:
        told = retrieval.score(record, encoded, latents)
        for i, query in enumerate(record.queries):
            for mode in MODES:
                found[mode].append(measure(told[mode][i], query)["recall@1"])
    return {mode: float(np.mean(values)) for mode, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that data.build made")
    args = parser.parse_args()
    model, tokenizer = load_model(args.run)
    retrieval = Retrieval.of(Reader(model, tokenizer), autocast, MODES)
    kinds = {}
    for name, draw in {"natural": natural, "templated": templated, "woven": woven}.items():
        asked = [record for record in draw(args.data) if record.queries]
        encoded = retrieval.texts.read(asked)
        latents = retrieval.latents(asked, encoded)
        kinds[name] = [(record, encoded, of_record) for record, of_record in zip(asked, latents, strict=True)]
    means = {}
    for threshold in THRESHOLDS:
        told = {name: recall(retrieval, read, threshold) for name, read in kinds.items()}
        means[threshold] = np.mean([told[name][mode] for name in told for mode in ("evolved", "hybrid")])
        figures = [f"{name} {mode} {100 * told[name][mode]:.1f}" for name in told for mode in MODES]
        print(f"{threshold}: {100 * means[threshold]:.1f}  " + ", ".join(figures), flush=True)
    best = max(means, key=means.__getitem__)
    path = args.run / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reliance_threshold": best}, indent=1))
    print(f"{path}: reliance_threshold {best}")


if __name__ == "__main__":
    main()
