"""FriendsQA: questions about TV dialogues, answered by single utterances. The test file stays unread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.record import Query, Record
from data.text import detokenize, says


def read(folder: Path) -> Iterator[Record]:
    """One record a scene: utterances as segments."""
    yield from scenes(Archive(folder), "*friendsqa_dev.json")


def scenes(archive: Archive, pattern: str) -> Iterator[Record]:
    """The scenes of one of the published files."""
    for scene in archive.json(archive.name(pattern))["data"]:
        for number, paragraph in enumerate(scene["paragraphs"]):
            segments = [
                says(" and ".join(turn["speakers"]) or "Someone", detokenize(turn["utterance"]) or "...")
                for turn in paragraph["utterances:"]
            ]
            place = {turn["uid"]: index for index, turn in enumerate(paragraph["utterances:"])}
            queries = [query for qa in paragraph["qas"] if (query := _query(qa, place))]
            yield Record(f"friendsqa/{scene['title']}#{number}", segments, queries)


def _query(qa: dict[str, Any], place: dict[int, int]) -> Query | None:
    evidence = sorted({place[a["utterance_id"]] for a in qa["answers"] if a["utterance_id"] in place})
    if not evidence:
        return None
    return Query(detokenize(qa["question"]), evidence[:4], detokenize(qa["answers"][0]["answer_text"]))
