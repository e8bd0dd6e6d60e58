"""What training data shares with evaluation data: word 8-grams, and questions word for word.

    python -m data.leakage --data <public data> FILE...

counts it for files of records and exits with 1 when they share anything; data.build drops it from what it writes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from data.evaluation import all_sets
from data.record import Record, read_records
from data.splits import document_of
from data.text import content_words, words

N = 8
MIN_CONTENT = 4
FORMULAS = content_words(
    "let know make sure keep mind thank thanks look looking forward glad need anything else here there now good great "
    "support help hope rest day enjoy enjoying same page step remember always advice definitely spread word go give "
    "updated posted progress assistance shot way take care best see time excited work new while last talk talked every"
)


def grams(text: str) -> Iterator[str]:
    """The text's word N-grams with at least MIN_CONTENT distinct content words.

    Words of polite FORMULAS ("let me know if you need anything else"), which any two dialogues share, do not count.
    """
    found = words(text)
    for start in range(len(found) - N + 1):
        gram = " ".join(found[start : start + N])
        if len(content_words(gram) - FORMULAS) >= MIN_CONTENT:
            yield gram


class Leakage:
    """The evaluation sets' N-grams and questions."""

    def __init__(self, evaluation: Iterable[Record]) -> None:
        self._grams: set[str] = set()
        self._questions: set[str] = set()
        for record in evaluation:
            for text in (*record.segments, *(query.text for query in record.queries)):
                self._grams.update(grams(text))
            self._questions.update(" ".join(words(query.text)) for query in record.queries)

    def shares(self, text: str) -> bool:
        """Whether the text shares an N-gram with any evaluation segment or question."""
        found = words(text)
        spans = (" ".join(found[start : start + N]) for start in range(len(found) - N + 1))
        return any(span in self._grams for span in spans)

    def asks_the_same(self, question: str) -> bool:
        """Whether the question shares an N-gram or is, word for word, one of evaluation."""
        return " ".join(words(question)) in self._questions or self.shares(question)

    def clean(self, records: Iterable[Record]) -> tuple[list[Record], LeakageCount]:
        """The records without the queries that leak and without every document that has a segment that leaks."""
        records, count = list(records), LeakageCount()
        leaking: set[str] = set()
        for record in records:
            found = sum(map(self.shares, record.segments))
            count.segments += found
            if found:
                leaking.add(document_of(record.id))
        count.documents = len(leaking)
        kept = [record for record in records if document_of(record.id) not in leaking]
        for record in kept:
            before = len(record.queries)
            record.queries = [query for query in record.queries if not self.asks_the_same(query.text)]
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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    given = parser.parse_args(arguments)
    leakage, total = Leakage(all_sets(given.data)), LeakageCount()
    for path in given.files:
        _, count = leakage.clean(read_records(path))
        total = total.plus(count)
        print(f"{path}: {asdict(count)}")
    return 1 if any(astuple(total)) else 0


if __name__ == "__main__":
    sys.exit(main())
