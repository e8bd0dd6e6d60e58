"""LoCoMo, LongMemEval and REALTALK as published: what was said, and questions about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.benchmarks.files import read_json
from data.evaluation import Grain, locomo_samples, named_segments, session_segments
from data.record import Query, Record
from data.text import says, squeeze

REALTALK_CATEGORIES = {1: "multi_hop", 2: "temporal", 3: "commonsense"}


def locomo(path: Path, grain: Grain) -> Iterator[Record]:
    """locomo10.json (github.com/snap-research/locomo)."""
    yield from locomo_samples(read_json(path), grain)


def realtalk(folder: Path, grain: Grain) -> Iterator[Record]:
    """Chat_*.json (github.com/danny911kr/REALTALK): ten chats of 21 days between people who met that way.

    Laid out like LoCoMo, texts in `clean_text`; of a photo without words, its caption is all there is.
    """
    for path in sorted(folder.glob("Chat_*.json"), key=lambda path: int(path.name.split("_")[1])):
        chat = read_json(path)
        segments, place = session_segments(chat, 2 if grain == "pair" else 1, True, _realtalk_text)
        queries = [
            Query(qa["question"], evidence, str(qa["answer"]), REALTALK_CATEGORIES.get(qa["category"]))
            for qa in chat.get("qa", [])
            if (evidence := named_segments(qa["evidence"], place))
        ]
        yield Record(f"realtalk/{path.stem}", segments, queries)


def _realtalk_text(turn: dict[str, Any]) -> str:
    return turn["clean_text"].strip() or f"[photo: {turn.get('blip_caption') or 'none'}]"


def longmemeval(path: Path) -> Iterator[Record]:
    """longmemeval_s.json and its like (github.com/xiaowu0162/LongMemEval): a history for each question.

    Single turns as segments, the session's date before the first; sessions in the order of their dates. Questions
    that have no answer (`_abs`) and those without a marked turn are left out.
    """
    for item in read_json(path):
        if item["question_id"].endswith("_abs"):
            continue
        sessions = sorted(
            zip(item["haystack_dates"], item["haystack_sessions"], strict=True), key=lambda pair: pair[0]
        )
        segments: list[str] = []
        evidence: list[int] = []
        for date, turns in sessions:
            first = True
            for turn in turns:
                text = squeeze(turn["content"])
                if not text:
                    continue
                if turn.get("has_answer"):
                    evidence.append(len(segments))
                line = says(turn["role"].title(), text)
                segments.append(f"{_day(date)}\n{line}" if first else line)
                first = False
        if evidence:
            query = Query(squeeze(item["question"]), evidence, str(item["answer"]), item["question_type"])
            yield Record(f"longmemeval/{item['question_id']}", segments, [query])


def _day(date: str) -> str:
    """As published, without the weekday: 2023/05/20 (Sat) 02:21."""
    return re.sub(r" \(\w+\)", "", date)
