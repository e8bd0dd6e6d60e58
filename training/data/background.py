"""Plain conversations without labels, put between the labelled ones as distractors."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Record
from data.text import says, squeeze

_IRC_LINE = re.compile(r"^\[\d\d:\d\d\] <([^>]+)> (.+)$")
IRC_LINES = 120
MIN_TURNS = 4
NAMES = (
    "Abby Adrian Alana Andre Anya Beatriz Ben Bianca Callum Carmen Cora Dale Dana Derek Dora Edgar Elif Elsa Emil "
    "Esther Felix Fiona Gabe Gina Hana Harvey Hugo Imran Iris Jamal Janet Joel June Kurt Laila Leon Lorna Mabel Mina "
    "Nadia Neil Nora Oscar Paula Quinn Rafael Ruth Sami Selma Tariq Tessa Uma Victor Wanda Yara Zane"
).split()


def topical_chat(folder: Path) -> Iterator[Record]:
    """Two unnamed people, who are given names."""
    archive = Archive(folder)
    for name in archive.names("conversations/*.json"):
        for key, chat in archive.json(name).items():
            agents = dict(zip(("agent_1", "agent_2"), random.Random(key).sample(NAMES, 2), strict=True))
            turns = [(agents[turn["agent"]], turn["message"]) for turn in chat["content"]]
            yield _conversation(f"topical_chat/{key}", turns)


def star(folder: Path) -> Iterator[Record]:
    archive = Archive(folder)
    for name in archive.names("dialogues/*.json"):
        spoken = [e for e in archive.json(name)["Events"] if e["Action"] in ("utter", "pick_suggestion")]
        turns = [("User" if e["Agent"] == "User" else "Assistant", e["Text"]) for e in spoken]
        yield _conversation(f"star/{Path(name).stem}", turns)


def irc_ubuntu(folder: Path) -> Iterator[Record]:
    """Logs in stretches of IRC_LINES messages; joins and parts are left out."""
    archive = Archive(folder)
    for name in archive.names("data/*/*.ascii.txt"):
        lines = filter(None, map(_IRC_LINE.match, archive.text(name).split("\n")))
        turns = [(found[1], found[2]) for found in lines]
        for start in range(0, len(turns), IRC_LINES):
            yield _conversation(f"irc_ubuntu/{Path(name).name}#{start}", turns[start : start + IRC_LINES])


def taskmaster4(folder: Path) -> Iterator[Record]:
    archive = Archive(folder)
    for name in archive.names("TM-4-2024/data/*.json"):
        for chat in archive.json(name):
            turns = [(turn["speaker"].title(), turn["text"]) for turn in chat["utterances"]]
            yield _conversation(f"taskmaster4/{chat['conversation_id']}", turns)


def _conversation(name: str, turns: list[tuple[str, str]]) -> Record:
    return Record(name, [says(speaker, squeeze(text)) for speaker, text in turns if text.strip()])


BACKGROUND: dict[str, Callable[[Path], Iterator[Record]]] = {
    "topical_chat": topical_chat,
    "star": star,
    "irc_ubuntu": irc_ubuntu,
    "taskmaster4": taskmaster4,
}


def read_background(data: Path, name: str) -> Iterator[Record]:
    """Conversations of at least MIN_TURNS turns as records without queries."""
    for record in BACKGROUND[name](data / name):
        if len(record.segments) >= MIN_TURNS:
            yield record
