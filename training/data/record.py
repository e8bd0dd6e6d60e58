"""The one format of training and evaluation data: JSON lines, one conversation or document a line.

    {"id": "...", "segments": ["..."], "queries": [{"text": "...", "evidence": [3], "answer": "...",
     "type": "...", "among": [1, 3], "anchor": 2, "templated": true}]}

`segments` are texts in reading order, roles and times already rendered into them. `evidence` are indices
of the segments that answer the query; `among` (optional) those that compete for it; `anchor` (optional) is the
segment of the event that the query counts from; `templated` (optional) says that a template wrote the query.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


class RecordError(ValueError):
    """A line that is not a record; the message names the line and what is wrong with it."""


@dataclass(slots=True)
class Query:
    text: str
    evidence: list[int]
    answer: str | None = None
    type: str | None = None
    among: list[int] | None = None
    anchor: int | None = None
    templated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Its fields but for those that say nothing."""
        return {name: value for name, value in asdict(self).items() if value is not None and value is not False}

    @property
    def indices(self) -> list[int]:
        """All segments that it points at, in order."""
        return sorted({*self.evidence, *(self.among or []), *([] if self.anchor is None else [self.anchor])})

    def moved(self, to: Callable[[int], int]) -> Query:
        """The same query where each segment went `to`."""
        evidence = sorted({to(index) for index in self.evidence})
        among = None if self.among is None else sorted({to(index) for index in self.among})
        return replace(self, evidence=evidence, among=among, anchor=None if self.anchor is None else to(self.anchor))


@dataclass(slots=True)
class Record:
    id: str
    segments: list[str]
    queries: list[Query] = field(default_factory=list)

    def check(self) -> Record:
        """Returns itself, or raises RecordError naming the first thing that is wrong."""
        if not self.id:
            raise RecordError("id is empty")
        for i, text in enumerate(self.segments):
            if not isinstance(text, str) or not text.strip():
                raise RecordError(f"{self.id}: segment {i} is empty or not a text")
        for i, query in enumerate(self.queries):
            if not query.text.strip():
                raise RecordError(f"{self.id}: query {i} is empty")
            if not query.evidence:
                raise RecordError(f"{self.id}: query {i} has no evidence")
            for name in ("evidence", "among", "anchor"):
                told = getattr(query, name)
                for index in told if isinstance(told, list) else [] if told is None else [told]:
                    if not isinstance(index, int) or not 0 <= index < len(self.segments):
                        raise RecordError(
                            f"{self.id}: query {i}: {name} {index!r} is not in 0..{len(self.segments) - 1}"
                        )
        return self

    def to_json(self) -> str:
        queries = [query.to_dict() for query in self.queries]
        return json.dumps({"id": self.id, "segments": self.segments, "queries": queries}, ensure_ascii=False)

    @staticmethod
    def from_json(line: str) -> Record:
        try:
            raw = json.loads(line)
            queries = [Query(**q) for q in raw.get("queries", [])]
            return Record(str(raw["id"]), raw["segments"], queries).check()
        except (json.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise RecordError(f"not a record: {error}") from error


def read_records(path: str | Path) -> Iterator[Record]:
    """The records of a JSON-lines file; raises RecordError with the line's number (from 1)."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield Record.from_json(line)
            except RecordError as error:
                raise RecordError(f"{path}:{number}: {error}") from error


def write_records(path: str | Path, records: Iterable[Record]) -> int:
    """Writes the records as JSON lines, creating folders; returns how many."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with open(path, "w", encoding="utf-8") as out:
        for record in records:
            out.write(record.to_json() + "\n")
            count += 1
    return count
