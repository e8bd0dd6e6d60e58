"""The plots of docs/model.md, as small SVG files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

COLOURS = {
    "BM25": "#9a9a9a",
    "static": "#4c78a8",
    "control: static": "#72b7b2",
    "control: clock": "#b279a2",
    "control: neighbours": "#eeca3b",
    "late interaction": "#9d755d",
    "evolved": "#e45756",
    "hybrid": "#f58518",
    "hybrid reranked": "#54a24b",
}


def draw_plots(results: dict, out: Path) -> dict[str, str]:
    """Every plot that the results have figures for, under `out`; name -> file name."""
    out.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, str] = {}
    studies = results.get("studies", {})
    if "length" in studies:
        drawn["length"] = _save(out, "length.svg", lambda axes: _length(axes, studies["length"]), 2)
    if "steps" in studies:
        drawn["steps"] = _save(out, "steps.svg", lambda axes: _steps(axes, studies["steps"]), 2)
    aged = [name for name in ("locomo_turns", "realtalk_turns", "development") if name in results["sets"]][:2]
    if aged:
        drawn["age"] = _save(out, "age.svg", lambda axes: _age(axes, results["sets"], aged), len(aged))
    return drawn


def _save(out: Path, name: str, draw: Callable[[Any], None], columns: int) -> str:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "evoembed", "font.size": 9, "axes.spines.top": False}
    figure, axes = plt.subplots(1, columns, figsize=(4.8 * columns, 3.4), squeeze=False)
    draw(axes[0])
    figure.tight_layout()
    figure.savefig(out / name, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return name


def _length(axes: Any, study: dict) -> None:
    for axis, over, title in zip(
        axes, ("all", "own"), ("over everything read", "over the question's own sequence"), strict=True
    ):
        lengths = [row["segments"] for row in study["lengths"]]
        for name in study["lengths"][0]["systems"]:
            told = [row["systems"][name][over] for row in study["lengths"]]
            colour = COLOURS.get(name)
            axis.plot(lengths, [100 * mean for mean, _, _ in told], marker="o", ms=3, label=name, color=colour)
            axis.fill_between(
                lengths, [100 * t[1] for t in told], [100 * t[2] for t in told], alpha=0.08, color=colour, lw=0
            )
        axis.set(xscale="log", xlabel="segments read", ylabel="recall@10", title=title)
        axis.set_xticks(lengths, [str(length) for length in lengths], minor=False)
        axis.minorticks_off()
    axes[-1].legend(fontsize=7)


def _steps(axes: Any, study: dict) -> None:
    for axis, (kind, told) in zip(axes, study["kinds"].items()):
        for over, label in (("all", "all segments"), ("among", "the statements that compete")):
            places = [(i + 0.5) / len(told[over]) for i in range(len(told[over]))]
            axis.plot(places, [float("nan") if v is None else v for v in told[over]], marker="o", ms=3, label=label)
        axis.set(xlabel="place in the conversation", ylabel="evolved minus static score", title=f"questions for the {kind}")
        axis.axhline(0, color="#cccccc", lw=0.8, zorder=0)
    axes[0].legend(fontsize=7)


def _age(axes: Any, sets: dict, names: list[str]) -> None:
    for axis, name in zip(axes, names, strict=True):
        for system, rows in sets[name]["recall@10 by age"].items():
            labels = [str(row["from"]) for row in rows]
            axis.plot(labels, [100 * row["recall"] for row in rows], marker="o", ms=3, label=system, color=COLOURS.get(system))
        axis.set(xlabel="segments read after the evidence, from", ylabel="evidence in the top 10, %", title=name)
    axes[-1].legend(fontsize=7)
