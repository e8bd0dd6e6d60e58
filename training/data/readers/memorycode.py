"""MemoryCode: a mentor's instructions over many sessions, some of them updated later."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.record import Query, Record
from data.slot_questions import Wordings, slot_queries
from data.text import Overlap, squeeze

Session = tuple[dict[str, Any], list[Any]]  # a session and its rules: [pivot, version] each, or -1 for none

RULES: Wordings = {
    "slot": ("What was said on how to {slot}?", "Is there a rule to {slot}?", "How should one {slot}?"),
    "latest": (
        "Which rule to {slot} is in force after all updates?",
        "How does one {slot} these days?",
        "What is the updated instruction to {slot}?",
    ),
    "first": (
        "How did the rule to {slot} read originally?",
        "What was the initial instruction to {slot}?",
        "When it was first brought up, how should one {slot}?",
    ),
    "previous": ('Which rule was replaced by "{value}"?', 'What applied earlier, prior to "{value}"?'),
    "next": ('Which rule replaced "{value}"?', '"{value}" was dropped later; for what?'),
}
TOPICS = ("Who brought up this: {topic}?", "What about {topic}?", "Where was {topic} discussed?")

_QUOTED = re.compile(r"'[^']*'")
_TURN = re.compile(r"^[A-Z][\w.-]*(?: [A-Z][\w.-]*)?:")


def read(folder: Path) -> Iterator[Record]:
    """A record of each history, turns of all its sessions as segments; and for each rule that was updated, one of
    the sessions alone that state it, so that its versions stand close to each other."""
    archive = Archive(folder)
    for name in archive.names("dataset/dialogue_*.json"):
        history = archive.json(name)
        document = f"memorycode/{Path(name).stem}"
        sessions = list(zip(history["sessions"], history["instructions"], strict=True))
        yield _record(document, sessions)
        stated: dict[int, list[Session]] = defaultdict(list)
        for session in sessions:
            for pivot in {rule[0] for rule in session[1] if rule != -1}:
                stated[pivot].append(session)
        for pivot, own in stated.items():
            if len(own) > 1:
                yield _record(f"{document}#{pivot}", own)


def _record(name: str, sessions: list[Session]) -> Record:
    rng = random.Random(name)
    segments: list[str] = []
    rules: dict[int, list[tuple[int, str]]] = defaultdict(list)
    other: list[Query] = []
    for session, pivots in sessions:
        first = len(segments)
        segments += _turns(session["text"])
        overlap = Overlap(segments[first:])
        chain = iter(pivots)
        for kind, topic in zip(session["type"], session["topic"], strict=True):
            pivot = next(chain)[0] if kind.startswith("instruction") else None
            found = overlap.best(range(len(segments) - first), topic, limit=1)
            if not found or not all(quoted in segments[first + found[0]] for quoted in _QUOTED.findall(topic)):
                continue
            if pivot is not None:
                rules[pivot].append((first + found[0], topic))
            elif kind == "filler-add":
                other.append(Query(rng.choice(TOPICS).format(topic=topic), [first + found[0]], type="topic"))
    queries = [query for taken in rules.values() for query in _about_rule(rng, taken)]
    return Record(name, segments, queries + other)


def _about_rule(rng: random.Random, taken: list[tuple[int, str]]) -> list[Query]:
    subject = squeeze(_QUOTED.sub("", taken[0][1])).removeprefix("always ").removesuffix(" with")
    return slot_queries(rng, subject, taken, RULES)


def _turns(text: str) -> list[str]:
    """A session's turns; a paragraph without a speaker belongs to the turn before it."""
    turns: list[str] = []
    for paragraph in filter(str.strip, text.split("\n\n")):
        if turns and not _TURN.match(paragraph.strip()):
            turns[-1] += f" {squeeze(paragraph)}"
        else:
            turns.append(squeeze(paragraph))
    return turns
