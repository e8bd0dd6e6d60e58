"""Writes docs/model.md from what evaluate.py measured: the template's prose, with tables and plots put in.

    python report.py --results results.json [more.json ...] [--retrained retrained.json] --out ../docs/model.md

The prose stands in <out> with `.template.md` for `.md`; a line `{{name argument ...}}` becomes a table or a plot.
Figures are never written by hand. `evaluate.py --report FILE` does the same at the end of its run.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

from evaluation.plots import draw_plots

_PLACE = re.compile(r"^\{\{(\w+)(.*)\}\}$", re.MULTILINE)
METRICS = {"recall@1": "recall@1", "recall@5": "recall@5", "recall@10": "recall@10", "among@1": "recall@1 among rivals"}
MISSING = "*Not run.*"


def _merged(parts: list[dict]) -> dict:
    """Results of several runs of evaluate.py, each of sets of its own, as one."""
    out = {"runs": [part["run"] for part in parts], "sets": {}, "studies": {}}
    for part in parts:
        for kind in ("sets", "studies"):
            if twice := out[kind].keys() & part[kind].keys():
                raise ValueError(f"measured by two runs: {', '.join(sorted(twice))}")
            out[kind] |= part[kind]
    return out


def write_report(parts: list[dict], out: Path, retrained: Path | None = None) -> None:
    """Of one run of evaluate.py or several, and of ablation_runs.py.

    Raises KeyError on a place in the template that no table here fills.
    """
    results = _merged(parts)
    if retrained:
        results["retrained"] = json.loads(retrained.read_text())
        results["runs"].append(results["retrained"]["run"])
    plots = draw_plots(results, out.parent / out.stem)
    text = out.with_suffix(".template.md").read_text(encoding="utf-8")
    out.write_text(_PLACE.sub(lambda found: _fill(found, results, plots, out.stem), text), encoding="utf-8")


def _fill(found: re.Match, results: dict, plots: dict[str, str], folder: str) -> str:
    name, arguments = found[1], found[2].split()
    if name == "plot":
        (plot,) = arguments
        return f"![{plot}]({folder}/{plots[plot]})" if plot in plots else MISSING
    return TABLES[name](results, *arguments)


def run(results: dict) -> str:
    lines = ["Measured by these commands, whose results are all that the tables below show:"]
    for told in results["runs"]:
        lines += [
            "",
            f"    {told['command']}",
            "",
            f"Commit `{told['commit']}`, bootstrap seed {told['seed']}, {told['device']}, {told['seconds']:.0f} s.",
        ]
    return "\n".join(lines)


def systems(results: dict, name: str) -> str:
    """Every system on one set: means in points with 95 % intervals."""
    found = results["sets"].get(name)
    if not found:
        return MISSING
    shown = [m for m in METRICS if any(m in figures for figures in found["systems"].values())]
    rows = [
        [_bold(system), *(_interval(figures[m]) if m in figures else "" for m in shown)]
        for system, figures in found["systems"].items()
        if not _is_ablated(system)
    ]
    title = f"`{name}`: {found['queries']} questions, {found['conversations']} conversations or documents."
    return f"{title}\n\n" + _table([f"{name}", *(METRICS[m] for m in shown)], rows)


def differences(results: dict, *names: str) -> str:
    """The model's modes against the best control of each set."""
    rows = []
    for name in names:
        for mode, metrics in results["sets"].get(name, {}).get("differences", {}).items():
            for metric, told in metrics.items():
                low, high = told["conversations"]
                row = [name, mode, METRICS[metric], _signed(told["difference"]), f"{100 * low:+.1f} to {100 * high:+.1f}"]
                rows.append([*row, told["against"]])
    head = ["set", "mode", "metric", "difference (95 %)", "over whole conversations", "best control"]
    return _table(head, rows) if rows else MISSING


def types(results: dict, name: str, metric: str, *shown: str) -> str:
    """One metric by question type. `shown`: systems, with _ for a blank; default: all."""
    found = results["sets"].get(name)
    if not found:
        return MISSING
    wanted = [s.replace("_", " ") for s in shown] or [s for s in found["systems"] if not _is_ablated(s)]
    wanted = [s for s in wanted if s in found["systems"]]
    kinds = list(found["systems"][wanted[0]]["types"])
    counts = found["systems"][wanted[0]]["types"]
    rows = [
        [_bold(s), *(_interval(found["systems"][s]["types"][k].get(metric)) for k in kinds)] for s in wanted
    ]
    gain = ["**evolved minus the best control**"]
    for kind in kinds:
        told = found["differences by type"].get(kind, {}).get("evolved", {}).get(metric)
        gain.append(_signed(told["difference"]) if told else "")
    head = [f"{name}, {METRICS[metric]}", *(f"{k} ({counts[k]['queries']})" for k in kinds)]
    return _table(head, [*rows, gain] if any(gain[1:]) else rows)


def ablations(results: dict, *names: str) -> str:
    """Parts of the memory taken away at test."""
    names = tuple(n for n in names if n in results["sets"])
    systems_of = {n: results["sets"][n]["systems"] for n in names}
    ablated = list(dict.fromkeys(s for n in names for s in systems_of[n] if _is_ablated(s)))
    if not ablated:
        return MISSING
    rows, main = [], {n: _main_metric(systems_of[n]["static"]) for n in names}
    for plain, whole in PLAIN_AND_WHOLE:
        kinds = [k for k in ablated if k.startswith(f"{whole}, ")]
        for kind in (plain, whole, *kinds) if kinds else ():
            rows.append([_bold(kind), *(_interval(systems_of[n].get(kind, {}).get(main[n])) for n in names)])
    return _table(["", *(f"{n}, {METRICS[main[n]]}" for n in names)], rows)


def retrained(results: dict, system: str) -> str:
    """Heads trained again without a part, one system of each; its name with _ for a blank."""
    system = system.replace("_", " ")
    found = results.get("retrained")
    if not found:
        return MISSING
    sets = list(next(iter(found["runs"].values())))
    main = {name: _main_metric(found["runs"]["full"][name][system]) for name in sets}
    rows = [[run_of, *(_interval(told[n][system][main[n]]) for n in sets)] for run_of, told in found["runs"].items()]
    head = [f"{system}, {found['steps']} steps", *(f"{n}, {METRICS[main[n]]}" for n in sets)]
    return _table(head, rows)


def length(results: dict, over: str) -> str:
    study = results.get("studies", {}).get("length")
    if not study:
        return MISSING
    head = ["recall@10", *(f"{row['segments']} segments" for row in study["lengths"])]
    names = study["lengths"][0]["systems"]
    rows = [[_bold(n), *(_interval(row["systems"][n][over]) for row in study["lengths"])] for n in names]
    return _table(head, rows)


def cost(results: dict) -> str:
    study = results.get("studies", {}).get("cost")
    if not study:
        return MISSING
    per = 1000 / study["segments"]
    rows = [
        [mode, f"{study[mode]['seconds'] * per:.2f}", f"{study[mode]['MiB'] * per:.0f}", str(study["runs"][mode])]
        for mode in ("static", "evolved")
    ]
    ratio = study["evolved"]["seconds"] / study["static"]["seconds"]
    note = f"Evolvable takes {ratio:.2f} times as long as static (PyTorch, f32, {study['threads']} threads, medians)."
    return _table(["per 1,000 segments", "seconds", "MiB at the peak", "each run, s"], rows) + f"\n\n{note}"


PLAIN_AND_WHOLE = (
    ("static", "evolved vectors"),
    ("late interaction", "evolved"),
    ("hybrid static", "hybrid"),
    ("hybrid static", "hybrid reranked"),
)

TABLES: dict[str, Callable[..., str]] = {
    f.__name__: f for f in (run, systems, differences, types, ablations, retrained, length, cost)
}


def _is_ablated(system: str) -> bool:
    return ", " in system


def _main_metric(figures: dict) -> str:
    """recall@1 where rivals are told, or where nothing else was kept."""
    return "recall@1" if "among@1" in figures or "recall@10" not in figures else "recall@10"


def _interval(told: list[float] | None) -> str:
    if told is None:
        return ""
    mean, low, high = (100 * x for x in told)
    return f"{mean:.1f} ({low:.1f}–{high:.1f})"


def _signed(told: list[float]) -> str:
    mean, low, high = (100 * x for x in told)
    text = f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"
    return f"**{text}**" if low > 0 or high < 0 else text


def _bold(system: str) -> str:
    return f"**{system}**" if system in ("evolved", "hybrid", "hybrid reranked", "evolved reranked") else system


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, nargs="+", required=True, help="of one run, or of several with other sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--retrained", type=Path, help="what ablation_runs.py wrote")
    args = parser.parse_args()
    write_report([json.loads(path.read_text()) for path in args.results], args.out, args.retrained)


if __name__ == "__main__":
    main()
