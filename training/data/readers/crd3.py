"""CRD3: recaps of role-playing sessions, aligned by machine to turn ranges; well aligned, short ranges only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.readers.turns import split_turns
from data.record import Query, Record
from data.text import Overlap, squeeze

MIN_SCORE = 0.5
MAX_TURNS = 40
MAX_EVIDENCE = 4


def read(folder: Path) -> Iterator[Record]:
    """One record a session: turns as segments, recap chunks as queries."""
    archive = Archive(folder)
    for name in archive.names("*/c=2/*_2_0.json"):
        chunks = archive.json(name)
        turns = {t["NUMBER"]: (_speaker(t["NAMES"]), " ".join(t["UTTERANCES"])) for c in chunks for t in c["TURNS"]}
        numbers = sorted(turns)
        segments, places = split_turns(turns[number] for number in numbers)
        place = dict(zip(numbers, places, strict=True))
        overlap = Overlap(segments)
        queries = []
        for chunk in chunks:
            aligned = chunk["ALIGNMENT"]
            first, last = aligned["TURN START"], aligned["TURN END"]
            if aligned["ALIGNMENT SCORE"] < MIN_SCORE or last - first >= MAX_TURNS:
                continue
            span = [index for number in range(first, last + 1) for index in place.get(number, [])]
            recap = squeeze(chunk["CHUNK"])
            evidence = overlap.best(span, recap, MAX_EVIDENCE)
            if evidence:
                queries.append(Query(recap, evidence, type="recap"))
        yield Record(f"crd3/{Path(name).name.split('_')[0]}", segments, queries)


def _speaker(names: list[str]) -> str:
    return " and ".join(name.title() for name in names) or "Someone"
