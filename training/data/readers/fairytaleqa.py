"""FairytaleQA: stories with questions labelled by section; evidence is narrowed to passages of 2-3 sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import Overlap, detokenize, passages


def read(folder: Path) -> Iterator[Record]:
    """One record a story; a question's evidence is at most two passages of each labelled section."""
    archive = Archive(folder)
    for name in archive.names("*/questions/*/*-questions.csv"):
        story = Path(name).name.removesuffix("-questions.csv")
        segments: list[str] = []
        places: dict[int, range] = {}
        for row in archive.csv(archive.name(f"*/section-stories/all/{story}-story.csv")):
            parts = passages(detokenize(row["text"]), max_words=60, max_sentences=3)
            places[int(row["section"])] = range(len(segments), len(segments) + len(parts))
            segments += parts
        overlap = Overlap(segments)
        queries = []
        for row in archive.csv(name):
            answers = [row[f"answer{i}"] for i in range(1, 7) if row.get(f"answer{i}")]
            wanted = " ".join([row["question"], *answers])
            sections = [int(s) for s in row["cor_section"].split(",") if s.strip().isdigit()]
            evidence = [i for s in sections for i in overlap.best(places.get(s, ()), wanted, limit=2, share=0.8)]
            if evidence and len(evidence) <= 4:
                answer = detokenize(answers[0]) if answers else None
                queries.append(Query(detokenize(row["question"]), sorted(evidence), answer))
        yield Record(f"fairytaleqa/{story}", segments, queries)
