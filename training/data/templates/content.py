"""Plain content: what people said of themselves, who said it, how often, and in what order they did things."""

from __future__ import annotations

import random

from . import content_tables as tables
from .content_tables import Content
from .asides import OPENERS
from .people import Cast, Person, ask, sentence_case, tell
from .thread import Fact, Question, Thread, Turn


def content(rng: random.Random, cast: Cast, room: int) -> Thread:
    """Facts of several people of the same kinds, counts and sequences, within about `room` turns; fewer once all are told."""
    thread = Thread()
    people = [*cast.tellers, *cast.absent]
    untold = list(tables.CONTENTS)
    told: set[str] = set()
    while untold and (thread.turns + 4 <= room or not thread.blocks):
        kind = rng.random()
        left = room - thread.turns
        if kind < 0.7:
            table = rng.choice(untold)
            untold.remove(table)
            _facts(rng, cast, thread, table, rng.sample(people, min(rng.randint(2, 4), max(1, left))))
        elif kind < 0.85 and "count" not in told:
            told.add("count")
            _counts(rng, cast, thread, rng.sample(people, 2))
        elif "order" not in told and left > 5:
            told.add("order")
            _sequence(rng, cast, thread, rng.sample(people, rng.choice((1, 2))), min(10, left))
    return thread


def _say(rng: random.Random, cast: Cast, person: Person, wording: str, fact: Fact, **slots: str) -> Turn:
    own = person in cast.tellers
    opener = rng.choice(OPENERS) if rng.random() < 0.3 else ""
    return Turn(person if own else rng.choice(cast.tellers), tell(opener + wording, person, own, **slots), fact)


def _facts(rng: random.Random, cast: Cast, thread: Thread, table: Content, people: list[Person]) -> None:
    values = rng.sample(table.values, len(people))
    turns = []
    for person, value in zip(people, values, strict=True):
        fact = Fact(person, table.key, value)
        turns.append(_say(rng, cast, person, rng.choice(table.says), fact, v=value))
        _place(rng, thread, [turns[-1]])
    for person, value, turn in zip(people, values, turns, strict=True):
        about = (person, table.key)
        if person.user or rng.random() < 0.6:
            text = ask(rng.choice(table.asks), person, v=value)
            thread.questions.append(Question(text, "content", [turn], value, about, list(turns)))
            continue
        text = sentence_case(rng.choice(table.who).replace("{v}", value))
        others = [p.name for p in people if p != person and not p.user]
        if others and rng.random() < 0.35:
            pair = rng.sample([person.name, rng.choice(others)], 2)
            text = f"{text.rstrip('?')}, {pair[0]} or {pair[1]}?"
        thread.questions.append(Question(text, "who", [turn], person.name, about, list(turns)))


def _counts(rng: random.Random, cast: Cast, thread: Thread, people: list[Person]) -> None:
    says, asks = rng.choice(tables.COUNTED)
    for person in people:
        turns = []
        for wording in rng.sample(says, rng.randint(1, len(says))):
            turns.append(_say(rng, cast, person, wording, Fact(person, says[0], "")))
            _place(rng, thread, [turns[-1]])
        text = ask(rng.choice(asks), person)
        thread.questions.append(Question(text, "count", turns, str(len(turns)), (person, says[0])))


def _sequence(rng: random.Random, cast: Cast, thread: Thread, people: list[Person], left: int) -> None:
    """What each person did, in order; the order of telling is the order of doing."""
    done = rng.sample(tables.ACTIVITIES, max(3 * len(people), min(left, 8)))
    turns: dict[Person, list[tuple[Turn, str]]] = {person: [] for person in people}
    at = rng.randint(0, len(thread.blocks))
    for i, (past, doing) in enumerate(done):
        person = people[i] if i < len(people) else rng.choice(people)
        fact = Fact(person, "activity", past)
        turn = _say(rng, cast, person, rng.choice(tables.ACTIVITY_SAYS), fact, v=past)
        turns[person].append((turn, doing))
        at = rng.randint(at, len(thread.blocks)) if rng.random() < 0.5 else at
        thread.blocks.insert(at, [turn])
        at += 1
    for person, told in turns.items():
        stated = [turn for turn, _ in told]
        for (one, doing), (two, later) in zip(told, told[1:], strict=False):
            kind = rng.choice(("order.after", "order.before"))
            turn, anchor, slot = (two, one, doing) if kind == "order.after" else (one, two, later)
            text = ask(rng.choice(tables.ACTIVITY_ASKS[kind]), person, a=slot)
            about = (person, "activity")
            thread.questions.append(Question(text, kind, [turn], turn.fact.value, about, stated, anchor.fact.value))


def _place(rng: random.Random, thread: Thread, block: list[Turn]) -> None:
    thread.blocks.insert(rng.randint(0, len(thread.blocks)), block)
