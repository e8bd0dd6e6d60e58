"""SelQA: which sentences of a Wikipedia section answer the question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import detokenize


def read(folder: Path) -> Iterator[Record]:
    """One record a section: its sentences as segments, all its questions as queries."""
    archive = Archive(folder)
    records: dict[str, Record] = {}
    for name in archive.names("ass/selqa-ass-*.json"):
        for item in archive.json(name):
            segments = [detokenize(sentence) or "..." for sentence in item["candidates"]]
            key = f"selqa/{item['article']}#{item['section']}/{len(segments)}"
            record = records.setdefault(key, Record(key, segments))
            if item["answers"] and len(item["answers"]) <= 4 and record.segments == segments:
                record.queries.append(Query(detokenize(item["question"]), sorted(set(item["answers"]))))
    yield from records.values()
