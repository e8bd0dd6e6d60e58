"""Word 8-grams that training data shares with evaluation data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.record import Record
from data.splits import document_of
from data.text import words

N = 8
MIN_DISTINCT = 6


def grams(text: str) -> Iterator[str]:
    """The text's word N-grams; those with fewer than MIN_DISTINCT distinct words ("no no no ...") say nothing."""
    found = words(text)
    for start in range(len(found) - N + 1):
        gram = found[start : start + N]
        if len(set(gram)) >= MIN_DISTINCT:
            yield " ".join(gram)


class Leakage:
    """The evaluation sets' N-grams."""

    def __init__(self, evaluation: Iterable[Record]) -> None:
        self._grams = {g for r in evaluation for text in (*r.segments, *(q.text for q in r.queries)) for g in grams(text)}

    def shares(self, text: str) -> bool:
        """Whether the text shares an N-gram with any evaluation segment or query."""
        return any(gram in self._grams for gram in grams(text))

    def clean(self, records: Iterable[Record]) -> tuple[list[Record], LeakageCount]:
        """The records without the queries that leak and without every document that has a segment that leaks."""
        records, count = list(records), LeakageCount()
        leaking = set()
        for record in records:
            found = sum(map(self.shares, record.segments))
            count.segments += found
            if found:
                leaking.add(document_of(record.id))
        count.documents = len(leaking)
        kept = [record for record in records if document_of(record.id) not in leaking]
        for record in kept:
            before = len(record.queries)
            record.queries = [query for query in record.queries if not self.shares(query.text)]
            count.queries += before - len(record.queries)
        return kept, count


@dataclass(slots=True)
class LeakageCount:
    """What leaked: segments, the documents dropped for them, and queries dropped from other documents."""

    segments: int = 0
    documents: int = 0
    queries: int = 0

    def plus(self, other: LeakageCount) -> LeakageCount:
        return LeakageCount(
            self.segments + other.segments, self.documents + other.documents, self.queries + other.queries
        )
