"""Schema-Guided Dialogue: questions about slot values and how they change, from the labelled dialogue state."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.record import Query, Record
from data.slot_questions import ask, slot_queries
from data.text import says, squeeze

MAX_REPLY_WORDS = 8
MAX_LABEL_WORDS = 7
MAX_PLAIN = 2
Slot = tuple[str, str]  # service, slot name


def read(folder: Path) -> Iterator[Record]:
    """One record a dialogue that has a question: turns as segments."""
    archive = Archive(folder)
    labels: dict[Slot, list[str]] = {}
    for name in archive.names("*/schema.json"):
        for service in archive.json(name):
            for slot in service["slots"]:
                labels[service["service_name"], slot["name"]] = _labels(slot)
    for name in archive.names("*/dialogues_*.json"):
        for dialogue in archive.json(name):
            record = _record(f"sgd/{name.split('/')[-2]}/{dialogue['dialogue_id']}", dialogue["turns"], labels)
            if record.queries:
                yield record


def _labels(slot: dict[str, Any]) -> list[str]:
    """The slot's name and, if short, its description, as words for a question. (Of two services in a dialogue with
    a slot of the same name, only the description tells which is meant.)"""
    name, description = slot["name"].replace("_", " "), squeeze(slot["description"]).rstrip(".")
    if len(description.split()) > MAX_LABEL_WORDS or description.lower().startswith("whether"):
        return [name]
    return [name, description[:1].lower() + description[1:]]


def _record(name: str, turns: list[dict[str, Any]], labels: dict[Slot, list[str]]) -> Record:
    rng = random.Random(name)
    values: dict[Slot, list[tuple[int, list[str]]]] = defaultdict(list)
    requested: set[Slot] = set()
    replies: dict[Slot, int] = {}
    for index, turn in enumerate(turns):
        if turn["speaker"] == "SYSTEM":
            actions = [(frame["service"], action) for frame in turn["frames"] for action in frame["actions"]]
            requested = {(service, action["slot"]) for service, action in actions if action["act"] == "REQUEST"}
            continue
        for frame in turn["frames"]:
            for slot, forms in frame.get("state", {}).get("slot_values", {}).items():
                key = frame["service"], slot
                known = values[key][-1][1] if values[key] else []
                if set(forms) & set(known):
                    continue
                values[key].append((_stated(turns, index, forms), forms))
                if key in requested and len(turn["utterance"].split()) <= MAX_REPLY_WORDS:
                    replies[key] = index
    segments = [says(turn["speaker"].title(), squeeze(turn["utterance"]) or "...") for turn in turns]
    services = Counter(slot for _, slot in values)
    queries: list[Query] = []
    for key, taken in values.items():
        if not taken or any(turn < 0 for turn, _ in taken):
            continue
        names = labels[key]
        if services[key[1]] > 1:
            names = names[1:]
        if not names:
            continue
        label = rng.choice(names)
        if key in replies and len(taken) == 1 and replies[key] == taken[0][0]:
            queries.append(ask(rng, "reply", label, replies[key], [replies[key] - 1, replies[key]]))
        else:
            queries += slot_queries(rng, label, [(turn, forms[0]) for turn, forms in taken])
    plain = [query for query in queries if query.type == "slot"]
    kept = rng.sample(plain, min(len(plain), MAX_PLAIN))
    return Record(name, segments, [query for query in queries if query.type != "slot"] + kept)


def _stated(turns: list[dict[str, Any]], index: int, forms: list[str]) -> int:
    """The turn that says one of the value's forms: the user's or the one it answers; -1 when neither does."""
    for turn in (index, index - 1):
        if turn >= 0 and any(form.lower() in turns[turn]["utterance"].lower() for form in forms if form != "dontcare"):
            return turn
    return -1
