"""Evidence Inference 2.0: what a clinical trial found, asked from outcome, intervention and comparator."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import passages, squeeze

QUESTIONS = (
    "What was the effect of {intervention} on {outcome}, compared with {comparator}?",
    "How did {intervention} change {outcome} against {comparator}?",
    "{outcome}: did {intervention} differ from {comparator}?",
    "Compared with {comparator}, what did {intervention} do to {outcome}?",
)
MAX_EVIDENCE = 3


def read(folder: Path) -> Iterator[Record]:
    """One record an article: passages of a paragraph as segments, evidence by character offset."""
    archive = Archive(folder)
    prompts = {row["PromptID"]: row for row in archive.csv(archive.name("annotations/prompts_merged.csv"))}
    spans: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in archive.csv(archive.name("annotations/v2_annotations.csv")):
        if row["Valid Label"] == "True" and row["PromptID"] in prompts and int(row["Evidence Start"]) >= 0:
            spans[row["PMCID"]][row["PromptID"]].append((int(row["Evidence Start"]), int(row["Evidence End"])))
    texts = {Path(name).stem.removeprefix("PMC"): name for name in archive.names("annotations/txt_files/PMC*.txt")}
    for article, asked in spans.items():
        if article not in texts:
            continue
        segments, bounds = _passages(archive.text(texts[article]))
        queries = []
        for prompt, labelled in asked.items():
            evidence = sorted(
                {i for start, end in labelled for i, (a, b) in enumerate(bounds) if a < end and start < b}
            )
            if 0 < len(evidence) <= MAX_EVIDENCE:
                wording = random.Random(prompt).choice(QUESTIONS)
                parts = {k: squeeze(prompts[prompt][k.title()]) for k in ("outcome", "intervention", "comparator")}
                queries.append(Query(wording.format(**parts), evidence))
        if queries:
            yield Record(f"evidence_inference/{article}", segments, queries)


def _passages(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Segments of at most about 60 words, none across paragraphs, and their character ranges [start, end)."""
    segments: list[str] = []
    bounds: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.splitlines(keepends=True):
        position = start
        for part in passages(paragraph, max_words=60):
            end = _end_of(part, text, position)
            if len(part.split()) >= 3:
                segments.append(part)
                bounds.append((position, end))
            position = end
        start += len(paragraph)
    return segments, bounds


def _end_of(part: str, text: str, position: int) -> int:
    """Where a passage, whose white space was squeezed, ends in the text that it was cut from."""
    left = sum(not c.isspace() for c in part)
    while left:
        left -= not text[position].isspace()
        position += 1
    return position
