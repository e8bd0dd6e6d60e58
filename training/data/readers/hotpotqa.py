"""HotpotQA, 500 questions: each over about ten paragraphs, two of which support the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import squeeze


def read(folder: Path) -> Iterator[Record]:
    """One record a question: titled paragraphs as segments."""
    archive = Archive(folder)
    for item in archive.json_lines(archive.name("*/dev_subsampled.jsonl")):
        segments = [f"{c['title']}: {squeeze(c['paragraph_text'])}" for c in item["contexts"]]
        evidence = [i for i, c in enumerate(item["contexts"]) if c["is_supporting"]]
        answer = next((span for a in item["answers_objects"] for span in a["spans"]), None)
        if evidence:
            query = Query(squeeze(item["question_text"]), evidence, answer, "multi_hop")
            yield Record(f"hotpotqa_500/{item['question_id']}", segments, [query])
