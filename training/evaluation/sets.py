"""The sets that are evaluated on, by name, and the parts that are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from data import development, evaluation
from data.benchmarks import BENCHMARKS
from data.record import Record, read_records

AT_HAND: dict[str, Callable[[Path], Iterable[Record]]] = {
    "locomo_pairs": lambda data: evaluation.locomo(data, "pair"),
    "locomo_turns": lambda data: evaluation.locomo(data, "turn"),
    "coreference": lambda data: evaluation.eval_memory(data, "coreference"),
    "temporal": lambda data: evaluation.eval_memory(data, "temporal"),
    "friendsqa_tst": evaluation.friendsqa_test,
    "xquad": evaluation.xquad,
    "qasper_evidence": evaluation.qasper,
}
DEVELOPMENT: dict[str, Callable[[Path], Iterable[Record]]] = {
    "development": development.natural,
    "development_templates": development.templated,
    "development_unseen": development.unseen,
}
PARTS: dict[str, dict[str, Callable[[np.ndarray], np.ndarray]]] = {
    name: {"1-5": lambda record: record < 5, "6-10": lambda record: record >= 5}
    for name in ("locomo_pairs", "locomo_turns")
}
"""Set -> part -> which records [R] are in it. LoCoMo: the first half to choose on, the second to report."""


def read_sets(
    names: list[str] | None,
    data: Path | None,
    built: Path | None,
    benchmarks: dict[str, Path],
    files: list[Path],
) -> Iterator[tuple[str, list[Record]]]:
    """The sets whose source was given: all, or those named. Benchmarks by their own names, files by their stems."""
    sources: dict[str, Callable[[], Iterable[Record]]] = {}
    if data:
        sources |= {name: lambda read=read: read(data) for name, read in AT_HAND.items()}
    if built:
        sources |= {name: lambda read=read: read(built) for name, read in DEVELOPMENT.items()}
    sources |= {name: lambda name=name, path=path: BENCHMARKS[name](path) for name, path in benchmarks.items()}
    sources |= {path.stem: lambda path=path: read_records(path) for path in files}
    unknown = set(names or []) - set(sources)
    if unknown:
        raise ValueError(f"no such set here: {', '.join(sorted(unknown))}; given are {', '.join(sources)}")
    for name in names or sources:
        records = [record.check() for record in sources[name]()]
        yield name, [record for record in records if record.queries]
