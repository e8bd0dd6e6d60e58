"""ERASER's MultiRC and FEVER: documents of tokenised sentences with labelled rationales."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.record import Query, Record
from data.text import detokenize

MAX_EVIDENCE = 4
_PART = re.compile(r"-(?=\d+\.txt$)")  # MultiRC cuts a text into numbered parts: one document


def read_multirc(folder: Path) -> Iterator[Record]:
    """One record a document; one query a question, whose correct candidate is the answer."""
    yield from _read(Archive(folder), "multirc", frozenset({"True"}))


def read_fever(folder: Path) -> Iterator[Record]:
    """One record a document; claims, supported or refuted, are the queries."""
    yield from _read(Archive(folder), "fever", frozenset({"SUPPORTS", "REFUTES"}))


def _read(archive: Archive, task: str, classes: frozenset[str]) -> Iterator[Record]:
    documents = {Path(name).name: name for name in archive.names(f"data/{task}/docs/*")}
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in archive.names(f"data/{task}/*.jsonl"):
        for row in archive.json_lines(name):
            spans = [span for group in row["evidences"] for span in group]
            found = {span["docid"] for span in spans}
            if row["classification"] in classes and len(found) == 1 and found <= documents.keys():
                rows[spans[0]["docid"]].append(row)
    for document, asked in rows.items():
        lines = archive.text(documents[document]).split("\n")
        place, segments = {}, []
        for number, line in enumerate(lines):
            if line.strip():
                place[number] = len(segments)
                segments.append(detokenize(line))
        queries: dict[str, Query] = {}
        for row in asked:
            question, _, answer = row["query"].partition("||")
            numbers = {n for g in row["evidences"] for s in g for n in range(s["start_sentence"], s["end_sentence"])}
            evidence = sorted(place[n] for n in numbers if n in place)
            if 0 < len(evidence) <= MAX_EVIDENCE and question not in queries:
                queries[question] = Query(detokenize(question), evidence, detokenize(answer) or None)
        if queries:
            yield Record(f"{task}/{_PART.sub('#', document)}", segments, list(queries.values()))
