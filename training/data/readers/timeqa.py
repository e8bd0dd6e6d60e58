"""TimeQA: questions about facts that hold for a period, over the paragraphs of a Wikipedia article."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive, parse_lines
from data.record import Query, Record
from data.text import detokenize


def read(folder: Path) -> Iterator[Record]:
    """One record an article and relation, with the human questions and their easy and hard paraphrases."""
    archive = Archive(folder)
    paraphrases: dict[str, list[str]] = defaultdict(list)
    for name in archive.names("dataset/human_train.*.json.gzip"):
        for row in parse_lines(gzip.decompress(archive.bytes(name)).decode("utf-8"), name):
            paraphrases[row["idx"]].append(detokenize(row["question"]))
    for name in archive.names("dataset/human_annotated_*.json"):
        for article in archive.json(name):
            segments, place = _join_headings([detokenize(paragraph) for paragraph in article["paras"]])
            queries = []
            for number, (question, answers) in enumerate(article["questions"]):
                evidence = sorted({place[a["para"]] for a in answers if a["answer"]})
                if not evidence or len(evidence) > 4:
                    continue
                wordings = dict.fromkeys([detokenize(question), *paraphrases[f"{article['index']}#{number}"]])
                queries += [Query(wording, evidence, detokenize(answers[0]["answer"])) for wording in wordings]
            yield Record(f"timeqa/{article['link']}#{article['index']}", segments, queries)


def _join_headings(paragraphs: list[str]) -> tuple[list[str], dict[int, int]]:
    """Puts each heading in front of its paragraph; also returns each paragraph's segment index."""
    segments: list[str] = []
    place: dict[int, int] = {}
    heading = ""
    for number, paragraph in enumerate(paragraphs):
        place[number] = len(segments)
        if len(paragraph.split()) <= 6 and number + 1 < len(paragraphs):
            heading = paragraph.rstrip(" .")
            continue
        segments.append(f"{heading}: {paragraph}" if heading else paragraph or "...")
        heading = ""
    return segments, place
