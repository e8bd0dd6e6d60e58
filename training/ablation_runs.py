"""Retrains the head without each of its parts, all for the same number of steps, and evaluates what is left.

    python ablation_runs.py --base ../runs/evo-mini --built ../runs/evo-mini/data --data PATH/TO/SETS --out ../runs/ablations --steps 150

Every run starts from the static encoder of --base and sees the same batches; `full` is the model as it is, for the same
steps. A run that is finished is not repeated; --jobs go on side by side, each with its share of the cores. Writes
<out>/retrained.json, which report.py and evaluate.py put into the page with --retrained.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provenance import provenance

ABLATIONS: dict[str, list[str]] = {
    "full": [],
    "no recurrence": ["--no-recurrence"],
    "no queue (one slot)": ["--capacity", "1"],
    "no memory loss": ["--memory-loss", "0"],
    "lengths mixed": ["--mixed-lengths", "--length-weighting", "sequence"],
    "lengths mixed, not weighted": ["--mixed-lengths", "--length-weighting", "none"],
    "no order features": ["--no-order"],
    "no identity path": ["--no-identity-path"],
    "queue of 8": ["--capacity", "8"],
    "queue of 16": ["--capacity", "16"],
    "queue of 64": ["--capacity", "64"],
    "K = 2": ["--memory-queries", "2"],
    "K = 4": ["--memory-queries", "4"],
    "K = 16": ["--memory-queries", "16"],
}
SETS = ("locomo_turns", "coreference", "temporal", "development")
SYSTEMS = ("static", "evolved vectors")


def folder_of(out: Path, name: str) -> Path:
    return out / "".join(c if c.isalnum() else "-" for c in name)


def run_one(args: argparse.Namespace, name: str) -> dict:
    """Trains and evaluates one; -> set -> system -> metric -> mean, low, high."""
    out = folder_of(args.out, name)
    results, budget = out / "results.json", {"head_steps": args.steps, "seed": args.seed}
    if (out / "config.json").exists():
        before = {key: json.loads((out / "config.json").read_text())[key] for key in budget}
        if before != budget:
            raise ValueError(f"{out} was trained with {before}, not {budget}: give another --out")
    if not results.exists() or set(args.sets) - json.loads(results.read_text())["sets"].keys():
        out.mkdir(parents=True, exist_ok=True)
        shutil.copy(args.base / "static.pt", out / "static.pt")
        made = json.loads((args.base / "config.json").read_text())
        encoder = ["--encoder", made["encoder"]] if made["encoder"] else []
        python(
            ["train.py", "--stage", "head", "--data", args.built, "--out", out, "--head-steps", args.steps]
            + ["--seed", args.seed, *encoder, *ABLATIONS[name]],
            args.jobs,
        )
        python(["reliance.py", "--run", out, "--data", args.built], args.jobs)
        sources = ["--data", args.data, "--built", args.built]
        python(["evaluate.py", "--model", out, *sources, "--sets", *args.sets, "--alone", "--json", results], args.jobs)
    told = json.loads(results.read_text())["sets"]
    return {
        set_name: {
            system: {metric: row for metric, row in found["systems"][system].items() if metric != "types"}
            for system in SYSTEMS
        }
        for set_name, found in told.items()
        if set_name in args.sets
    }


def python(arguments: list, jobs: int) -> None:
    print("$ python", *arguments, flush=True)
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    subprocess.run([sys.executable, *map(str, arguments)], check=True, env={**os.environ, "OMP_NUM_THREADS": threads})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="run whose static encoder all start from")
    parser.add_argument("--built", type=Path, required=True, help="folder that data.build made")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=150, help="the budget: of each run's head")
    parser.add_argument("--only", nargs="*", choices=list(ABLATIONS), help="and `full`, which all are compared with")
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="runs side by side; on a GPU, 1")
    args = parser.parse_args()
    names = dict.fromkeys(["full", *(args.only or ABLATIONS)])
    told, began = {}, time.perf_counter()
    with ThreadPoolExecutor(args.jobs) as jobs:
        for name, figures in zip(names, jobs.map(lambda name: run_one(args, name), names), strict=True):
            told[name] = figures
            run = provenance(args.seed, time.perf_counter() - began)
            found = {"run": run, "steps": args.steps, "runs": told}
            (args.out / "retrained.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
