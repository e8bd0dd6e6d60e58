"""QMSum: specific questions about meetings; labelled spans are long, so evidence is narrowed by word overlap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.readers.turns import split_turns
from data.record import Query, Record
from data.text import Overlap, detokenize

MAX_EVIDENCE = 4


def read(folder: Path) -> Iterator[Record]:
    """One record a meeting: turns as segments, long ones split."""
    archive = Archive(folder)
    for name in archive.names("data/ALL/*/*.json"):
        meeting = archive.json(name)
        segments, places = split_turns((t["speaker"], t["content"]) for t in meeting["meeting_transcripts"])
        overlap = Overlap(segments)
        queries = []
        for item in meeting["specific_query_list"]:
            span = [
                index
                for first, last in item["relevant_text_span"]
                for turn in places[int(first) : int(last) + 1]
                for index in turn
            ]
            question, answer = detokenize(item["query"]), detokenize(item["answer"])
            evidence = overlap.best(span, f"{question} {answer}", MAX_EVIDENCE)
            if evidence:
                queries.append(Query(question, evidence, answer))
        yield Record(f"qmsum/{Path(name).stem}", segments, queries)
