"""Readers of the evaluation sets, as records. Nothing here is ever trained on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from data.archive import Archive
from data.readers.friendsqa import scenes
from data.record import Query, Record, read_records
from data.text import says, squeeze

Grain = Literal["turn", "pair"]
LOCOMO_CATEGORIES = {1: "multi_hop", 2: "temporal", 3: "open_domain", 4: "single_hop"}
_DIALOGUE_ID = re.compile(r"D\s*:?\s*(\d+)\s*:\s*(\d+)")
QASPER_PAPERS = 10


def locomo(data: Path, grain: Grain, dates: bool = True) -> Iterator[Record]:
    """LoCoMo's 10 conversations with the questions of categories 1-4 whose evidence exists: 1,534.

    (One more, whose only evidence is written "D30:05", is left out, as in the figures this is compared with.)

    A segment is a turn, or two consecutive turns of one session on a line each; with `dates`, the session's date
    line stands before each pair, and before the first turn of a session. The twin of scripts/eval/locomo.ts.
    """
    archive = Archive(data / "locomo")
    yield from locomo_samples(archive.json(archive.name("*locomo10.json")), grain, dates)


def locomo_samples(samples: list[dict[str, Any]], grain: Grain, dates: bool = True) -> Iterator[Record]:
    """The published samples as records, see `locomo`."""
    for sample in samples:
        segments, place = session_segments(sample["conversation"], 2 if grain == "pair" else 1, dates)
        queries = []
        for qa in sample["qa"]:
            evidence = named_segments(qa.get("evidence", []), place)
            if qa["category"] in LOCOMO_CATEGORIES and evidence:
                answer = str(qa["answer"]) if "answer" in qa else None
                queries.append(Query(qa["question"], evidence, answer, LOCOMO_CATEGORIES[qa["category"]]))
        yield Record(f"locomo/{sample['sample_id']}", segments, queries)


Places = dict[tuple[str, str], int]  # (session, turn) -> segment


def named_segments(names: list[str], place: Places) -> list[int]:
    """The segments of the turns that texts such as "D1:3; D2:1" name, as far as they exist."""
    found = [key for text in names for key in _DIALOGUE_ID.findall(text)]
    return sorted({place[key] for key in found if key in place})


def session_segments(
    conversation: dict[str, Any], size: int, dates: bool, text_of: Callable[[dict[str, Any]], str] | None = None
) -> tuple[list[str], Places]:
    """Segments of `size` turns out of session_1, session_2, ..., and the segment of each turn.

    text_of: a turn's text; default: its `text`.
    """
    text_of = text_of or (lambda turn: turn["text"])
    segments: list[str] = []
    place: Places = {}
    numbers = sorted(int(k.split("_")[1]) for k, v in conversation.items() if re.fullmatch(r"session_\d+", k) and v)
    for number in numbers:
        turns = conversation[f"session_{number}"]
        date = conversation[f"session_{number}_date_time"]
        for start in range(0, len(turns), size):
            group = turns[start : start + size]
            for turn in group:
                place[_DIALOGUE_ID.search(turn["dia_id"]).groups()] = len(segments)
            lines = [says(turn["speaker"], squeeze(text_of(turn))) for turn in group]
            dated = dates and (size > 1 or start == 0)
            segments.append("\n".join([date, *lines] if dated else lines))
    return segments, place


def friendsqa_test(data: Path) -> Iterator[Record]:
    """FriendsQA's test scenes, single turns as segments."""
    yield from scenes(Archive(data / "friendsqa"), "*friendsqa_tst.json")


def xquad(data: Path) -> Iterator[Record]:
    """One record an article: paragraphs as segments. (240 paragraphs in 48 articles: join some for longer input.)"""
    archive = Archive(data / "xquad")
    for number, article in enumerate(archive.json(archive.name("*xquad.en.json"))["data"]):
        queries = [
            Query(squeeze(qa["question"]), [index], qa["answers"][0]["text"])
            for index, paragraph in enumerate(article["paragraphs"])
            for qa in paragraph["qas"]
        ]
        segments = [squeeze(paragraph["context"]) for paragraph in article["paragraphs"]]
        yield Record(f"xquad/{article.get('title') or number}", segments, queries)


def qasper(data: Path) -> Iterator[Record]:
    """QASPER's evidence paragraphs, QASPER_PAPERS papers a record; `among` are those of the query's own paper."""
    papers: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    train = Archive(data / "qasper_evidence_only", "qasper_train*.zip")
    for paper in train.json(train.name("output.json")):
        papers[paper["title"]] += [(qa["question"], qa["evidence"]) for qa in paper["qas"]]
    dev = Archive(data / "qasper_evidence_only", "qasper_dev*.zip")
    for qa in dev.json(dev.name("*dev_question_dict.json")).values():
        papers[qa["article_id"]].append((qa["text"], qa["evidence"]))
    names = list(papers)
    for start in range(0, len(names), QASPER_PAPERS):
        segments: list[str] = []
        queries: list[Query] = []
        for name in names[start : start + QASPER_PAPERS]:
            own = [(squeeze(q), [squeeze(e) for e in evidence if e.strip()]) for q, evidence in papers[name]]
            texts = list(dict.fromkeys(e for _, evidence in own for e in evidence))
            place = {text: len(segments) + index for index, text in enumerate(texts)}
            segments += texts
            among = sorted(place.values())
            queries += [Query(q, sorted({place[e] for e in ev}), type="paper", among=among) for q, ev in own if ev]
        yield Record(f"qasper/{start // QASPER_PAPERS}", segments, queries)


def eval_memory(data: Path, name: Literal["temporal", "coreference"]) -> Iterator[Record]:
    """The frozen memory tests, which are published in the record format."""
    yield from read_records(data / "eval_memory" / f"{name}.jsonl")


def all_sets(data: Path) -> Iterator[Record]:
    """Every evaluation record (LoCoMo by turns), for the leakage check."""
    yield from locomo(data, "turn", dates=False)
    yield from friendsqa_test(data)
    yield from xquad(data)
    yield from qasper(data)
    yield from eval_memory(data, "temporal")
    yield from eval_memory(data, "coreference")
