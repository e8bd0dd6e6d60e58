"""Seconds and peak memory of reading 1,000 segments, static against evolvable.

    python cost.py --model ../models/evo-mini --data PATH/TO/SETS

Each run is a process of its own on the first 1,000 single turns of LoCoMo, its memory counted from when it has loaded
and warmed up. Linux only. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import subprocess
import sys
import time
from itertools import chain, islice
from pathlib import Path

import torch

from checkpoint import load_model
from data.evaluation import locomo
from encoding import Reader

SEGMENTS = 1000
MODES = ("static", "evolved")


@torch.no_grad()
def read(reader: Reader, texts: list[str], mode: str) -> None:
    """The vectors of one conversation, as `mode` makes them."""
    if mode == "static":
        reader.static(texts)
    elif mode == "evolved":
        head = reader.model.head
        static, rows, _ = reader.read_tokens(texts)
        latents = head.read_memory(rows[None])
        head.embed_sequence(static[None], head.push(latents, static[None]))


def once(model: Path, data: Path, mode: str) -> dict[str, float]:
    texts = list(islice(chain.from_iterable(r.segments for r in locomo(data, "turn")), SEGMENTS))
    reader = Reader(*load_model(model))
    read(reader, texts[:40], "evolved")
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak from now on: it is this process's, not its parent's
    before, began = memory("VmRSS"), time.perf_counter()
    read(reader, texts, mode)
    return {"seconds": time.perf_counter() - began, "MiB": memory("VmHWM") - before}


def memory(field: str) -> float:
    """Of this process, by Linux's /proc/self/status, in MiB."""
    (kilobytes,) = re.findall(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) / 1024


def cost_study(model: Path, data: Path, repeats: int = 7) -> dict:
    """Mode -> medians over repeats, the modes taking turns."""
    runs: dict[str, list[dict[str, float]]] = {mode: [] for mode in MODES}
    for _ in range(repeats):
        for mode in MODES:
            command = [sys.executable, __file__, "--model", model, "--data", data, "--mode", mode]
            told = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
            runs[mode].append(json.loads(told.stdout.splitlines()[-1]))
    median = {
        mode: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for mode, found in runs.items()
    }
    return {
        "segments": SEGMENTS,
        "threads": torch.get_num_threads(),
        "repeats": repeats,
        **median,
        "runs": {mode: [round(run["seconds"], 2) for run in found] for mode, found in runs.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--mode", choices=MODES, help="run once, in this process")
    args = parser.parse_args()
    if args.mode:
        print(json.dumps(once(args.model, args.data, args.mode)))
    else:
        print(json.dumps(cost_study(args.model, args.data)))


if __name__ == "__main__":
    main()
