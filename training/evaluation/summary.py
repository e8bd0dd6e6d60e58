"""What is told of one set: means, intervals, differences to the best control, recall by age; and its printed table."""

from __future__ import annotations

from evaluation.measured import DIFFERENCES, FUSED, Measured

CONTROLS = ("control: static", "control: clock", "control: neighbours", "static", "late interaction")
AGES = [8, 16, 32, 64, 128, 256, 512]
AGED = ("BM25", *CONTROLS, "evolved", "hybrid", "hybrid reranked")


def differences(measured: Measured, seed: int) -> dict[str, dict]:
    """Each mode of the model against the best control of its kind: alone, or fused with BM25."""
    dense, fused = CONTROLS, [*(name + FUSED for name in CONTROLS), "hybrid static"]
    kinds = {"evolved vectors": dense, "evolved": dense, "evolved reranked": dense, "hybrid": fused, "hybrid reranked": fused}
    told: dict[str, dict] = {}
    for mode, controls in kinds.items():
        for metric in DIFFERENCES if mode in measured.figures else ():
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
