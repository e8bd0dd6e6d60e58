"""Bare replies: an earlier turn names the thing, the reply shares no word with a question about it."""

from __future__ import annotations

import random

from . import reply_tables as tables
from .items import CHOICES, LOOKS, OCCASIONS, THINGS
from .people import Cast, Person, ask, sentence_case
from .reply_tables import REPLIES, ReplyTable
from .thread import Fact, Question, Thread, Turn, gap


def bare_replies(rng: random.Random, cast: Cast, room: int) -> Thread:
    """Questions with bare replies, several of each type so that they compete, within about `room` turns."""
    thread, used = Thread(), set[tuple[str, str, str]]()
    chosen = rng.sample(REPLIES, rng.choice((1, 2, 2, 3)))
    while thread.turns + 5 <= room or not thread.blocks:
        if rng.random() < 0.15:
            _option(rng, cast, thread, used)
        else:
            _reply(rng, cast, thread, rng.choice(chosen), used)
    evidence: dict[str, list[Turn]] = {}
    for question in thread.questions:
        evidence.setdefault(question.type, []).extend(question.evidence)
    for question in thread.questions:
        question.among = evidence[question.type]
    rng.shuffle(thread.blocks)
    return thread


def _reply(rng: random.Random, cast: Cast, thread: Thread, table: ReplyTable, used: set[tuple[str, str, str]]) -> None:
    replier = rng.choice(cast.tellers)
    other = cast.other(rng, replier)
    thing = _thing(rng, table, replier, used)
    told = rng.random() < 0.25
    earlier = [q.answer for q in thread.questions if q.type == table.type]
    value = rng.choice(earlier) if earlier and rng.random() < 0.2 else rng.choice(table.values)
    opener = sentence_case(rng.choice(table.told if told else table.asked).replace("{t}", thing))
    block = [Turn(replier if told else other, _addressed(opener, replier, cast, told))]
    if told:
        block.append(Turn(other, rng.choice(table.probes)))
    block += _between(rng, replier, other)
    text = sentence_case(rng.choice(table.replies).replace("{v}", value))
    reply = Turn(replier, text, Fact(replier, f"{table.type}:{thing}", value))
    thread.blocks.append([*block, reply])
    asked = ask(rng.choice(table.questions), replier, t=thing, o=_object(other))
    about = (replier, reply.fact.key)
    thread.questions.append(Question(asked, table.type, [reply], value, about, named=block[:1]))


def _thing(rng: random.Random, table: ReplyTable, replier: Person, used: set[tuple[str, str, str]]) -> str:
    """A thing not yet asked of this person; often one that came up with another person or question."""
    known = sorted({thing for _, _, thing in used if thing in table.things})
    pool = known if known and rng.random() < 0.3 else table.things
    free = [t for t in pool if (replier.name, table.type, t) not in used] or [t for t in table.things if (replier.name, table.type, t) not in used]
    thing = rng.choice(free)
    if table.things == tuple(THINGS) and rng.random() < 0.2:
        used.add((replier.name, table.type, thing))
        thing = f"{rng.choice(LOOKS)} {thing}"
    used.add((replier.name, table.type, thing))
    return thing


def _option(rng: random.Random, cast: Cast, thread: Thread, used: set[tuple[str, str, str]]) -> None:
    noun, options = rng.choice(CHOICES)
    replier = rng.choice(cast.tellers)
    other = cast.other(rng, replier)
    occasion = rng.choice([t for t in OCCASIONS if (replier.name, noun, t) not in used])
    used.add((replier.name, noun, occasion))
    named = rng.sample(options, 3)
    slots = {"t": occasion, "n": noun} | dict(zip("abc", named, strict=True))
    opener = sentence_case(rng.choice(tables.OPTION_OPENERS).format(**slots))
    pick = rng.randrange(3)
    block = [Turn(other, _addressed(opener, replier, cast, False)), *_between(rng, replier, other)]
    reply = Turn(replier, rng.choice(tables.OPTION_PICKS[pick]), Fact(replier, f"option:{noun}:{occasion}", named[pick]))
    thread.blocks.append([*block, reply])
    asked = ask(rng.choice(tables.OPTION_QUESTIONS), replier, t=occasion, n=noun)
    about = (replier, reply.fact.key)
    thread.questions.append(Question(asked, "reply.option", [reply], named[pick], about, named=block[:1]))


def _between(rng: random.Random, replier: Person, other: Person) -> list[Turn]:
    """Up to three turns between the naming and the reply."""
    if rng.random() < 0.7:
        return []
    if rng.random() < 0.3:
        return gap(rng.randint(1, 3))
    pair = (replier, other)
    return [Turn(pair[i % 2], text) for i, text in enumerate(rng.choice(tables.BETWEEN))]


def _addressed(text: str, replier: Person, cast: Cast, told: bool) -> str:
    """With three speakers the one who is meant is called by name."""
    if told or len(cast.speakers) < 3:
        return text
    return f"{replier.name}, {text[0].lower()}{text[1:]}" if text[:2] not in ("I ", "I'") else f"{replier.name}, {text}"


def _object(person: Person) -> str:
    return "the assistant" if person.name == "Assistant" else person.name
