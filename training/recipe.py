"""The whole recipe in one command: data, training, evaluation, model folder.

    python recipe.py --sets ../../shared/data --run ../runs/evo-mini --out ../models/evo-mini

Every part resumes or is skipped when its result is there. Further options go to train.py.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--run", type=Path, required=True, help="checkpoints, logs, curves, results")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    args, training = parser.parse_known_args()
    built, results = args.run / "data", args.run / "results.json"

    def run(script: list[str], *arguments: str | Path) -> None:
        print("$", "python", *script, *arguments, flush=True)
        subprocess.run([sys.executable, *script, *map(str, arguments)], check=True)

    def train(stage: str) -> None:
        run(["train.py"], "--data", built, "--out", args.run, *training, "--stage", stage)

    if not (built / "datasheet.json").exists():
        run(["-m", "data.build"], "--data", args.sets, "--out", built)
    train("static")
    train("late")
    train("head")
    run(["reliance.py"], "--run", args.run, "--data", built)  # before the reranker, which sees queries as they rely
    train("all")
    evaluation = ["--model", args.run, "--data", args.sets, "--built", built, "--json", results]
    run(["evaluate.py"], *evaluation, "--quantised", "--exact", "--ablations")
    for stage, out in (("head", args.out), ("control", args.run / "static-control")):
        run(
            ["export.py"], "--checkpoint", args.run, "--stage", stage, "--data", built, "--results", results, "--out", out
        )


if __name__ == "__main__":
    main()
