"""Draws the losses and accuracies that training logged."""

from __future__ import annotations

import json
import re
from pathlib import Path

LOSSES = re.compile("(loss|retrieval|ranking|rivals|memory).*")
SHARES = re.compile("recall@1|(natural|templated) (?!strength).*")  # a strength is a length, of another scale


def draw_curves(out: Path) -> None:
    """One row of plots a stage, from <out>/<stage>.log.jsonl to <out>/curves.png."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    logs = sorted(out.glob("*.log.jsonl"))
    figure, axes = plt.subplots(len(logs), 2, figsize=(11, 3.2 * len(logs)), squeeze=False)
    for row, path in zip(axes, logs, strict=True):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        names = sorted({k for line in lines for k in line})
        for axis, wanted in zip(row, (LOSSES, SHARES), strict=True):
            for name in filter(wanted.fullmatch, names):
                points = [(line["step"], line[name]) for line in lines if name in line]
                axis.plot(*zip(*smooth(points), strict=True), label=name)
            axis.set_title(path.name.split(".")[0])
            axis.set_xlabel("step")
            axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(out / "curves.png", dpi=110)


def smooth(points: list[tuple[int, float]], keep: float = 0.9) -> list[tuple[int, float]]:
    """Exponential moving average."""
    out, average = [], points[0][1]
    for step, value in points:
        average = keep * average + (1 - keep) * value
        out.append((step, average))
    return out
