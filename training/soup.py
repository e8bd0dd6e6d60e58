"""A soup: the average of one stage's weights over runs that differ in their batches alone, be they more or fewer.

    python soup.py --stage head --out ../runs/soup ../runs/a ../runs/b ../runs/c

The runs must have been made with the same options but for `--seed`, `--order-seed` and the stage's steps (so: with the
same `--init-seed`; heads may also come from the same model folder) and share the stages before, copied from one run to
the others before they train. --out then holds the stages up to this one; train.py goes on from there.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from torch import Tensor

BEFORE = {"head": ["static"], "rerank": ["static", "head", "late"]}
"""Stages that can be averaged, each with those that its weights stand on, where they have run."""


def average(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Weights of the same names and shapes -> their mean."""
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def make_soup(runs: list[Path], stage: str, out: Path) -> None:
    """Writes `out`. Raises ValueError when the runs differ in more than their batches, writing nothing."""
    if len(runs) < 2:
        raise ValueError("a soup takes at least two runs")
    options = [json.loads((run / "config.json").read_text()) for run in runs]
    own = ("seed", "order_seed", f"{stage}_steps")
    seeds, orders, steps = ([made.pop(name, None) for made in options] for name in own)
    befores = [before for before in BEFORE[stage] if any((run / f"{before}.pt").exists() for run in runs)]
    for run, made in zip(runs, options, strict=True):
        if made.get("init_seed") is None and (stage == "rerank" or not made.get("from_model")):
            raise ValueError(f"{run} was made without --init-seed: its first weights are its own")
        if differing := sorted(k for k in made.keys() | options[0].keys() if made.get(k) != options[0].get(k)):
            raise ValueError(f"{run} differs from {runs[0]} in {', '.join(differing)}")
        for before in befores:
            if not _same(_load(run, before), _load(runs[0], before)):
                raise ValueError(f"{run} and {runs[0]} do not share stage {before}")
    soup = average([_load(run, stage) for run in runs])
    out.mkdir(parents=True, exist_ok=True)
    for before in befores:
        shutil.copyfile(runs[0] / f"{before}.pt", out / f"{before}.pt")
    torch.save(soup, out / f"{stage}.pt")
    soup_of = {"stage": stage, "seeds": seeds, "order_seeds": orders, "steps": steps}
    made = options[0] | {"seed": seeds[0], "order_seed": orders[0], f"{stage}_steps": steps[0], "soup": soup_of}
    (out / "config.json").write_text(json.dumps(made, indent=1))


def _load(run: Path, stage: str) -> dict[str, Tensor]:
    return torch.load(run / f"{stage}.pt", map_location="cpu")


def _same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="folders that train.py wrote")
    parser.add_argument("--stage", choices=list(BEFORE), required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    make_soup(args.runs, args.stage, args.out)


if __name__ == "__main__":
    main()
