"""Bare replies: an earlier turn names the thing, the reply shares no word with a question about it."""

from __future__ import annotations

import random

from . import reply_tables as tables
from .items import CHOICES, LOOKS, OCCASIONS, THINGS
from .people import Cast, Person, ask, sentence_case
from .reply_table import ReplyTable
from .reply_tables import REPLIES
from .thread import Fact, Question, Thread, Turn, gap


def bare_replies(rng: random.Random, cast: Cast, room: int) -> Thread:
    """Questions with bare replies, several of each type so that they compete, within about `room` turns."""
    thread, used = Thread(), set[tuple[str, str, str]]()
    chosen = rng.sample(REPLIES, rng.choice((1, 2, 2, 3)))
    while thread.turns + 5 <= room or not thread.blocks:
        if not all(_repliers(cast, table, used) for table in chosen):
            chosen = [rng.choice([table for table in REPLIES if _repliers(cast, table, used)])]
        kind = rng.random()
        if kind < 0.15:
            _option(rng, cast, thread, used)
        elif kind < 0.3 and thread.turns + 6 <= room:
            _parallel(rng, cast, thread, rng.choice(chosen), used)
        else:
            _reply(rng, cast, thread, rng.choice(chosen), used)
    _asked_anything(rng, thread)
    evidence: dict[str, list[Turn]] = {}
    for question in thread.questions:
        evidence.setdefault(question.type, []).extend(question.evidence)
    replies = [turn for turns in evidence.values() for turn in turns]
    for question in thread.questions:
        question.among = replies if question.type == "reply.asked" else evidence[question.type]
    rng.shuffle(thread.blocks)
    return thread


def _reply(rng: random.Random, cast: Cast, thread: Thread, table: ReplyTable, used: set[tuple[str, str, str]]) -> None:
    replier = rng.choice(_repliers(cast, table, used))
    other = cast.other(rng, replier)
    thing = _thing(rng, table, replier, used)
    told = rng.random() < 0.25
    value = _value(rng, thread, table)
    opener = sentence_case(rng.choice(table.told if told else table.asked).replace("{t}", thing))
    block = [Turn(replier if told else other, _addressed(opener, replier, cast, told))]
    if told:
        block.append(Turn(other, rng.choice(table.probes)))
    block += _between(rng, replier, other)
    text = sentence_case(rng.choice(table.replies).replace("{v}", value))
    reply = Turn(replier, text, Fact(replier, f"{table.type}:{thing}", value))
    thread.blocks.append([*block, reply])
    _question(rng, thread, table, thing, reply, block[0], other)


def _value(rng: random.Random, thread: Thread, table: ReplyTable) -> str:
    """Any value, sometimes one that was given as a reply before."""
    earlier = [q.answer for q in thread.questions if q.type == table.type]
    return rng.choice(earlier) if earlier and rng.random() < 0.2 else rng.choice(table.values)


def _question(rng: random.Random, thread: Thread, table: ReplyTable, thing: str, reply: Turn, named: Turn, other: Person) -> None:
    text = ask(rng.choice(table.questions), reply.speaker, t=thing, o=_object(other))
    about = (reply.speaker, reply.fact.key)
    thread.questions.append(Question(text, table.type, [reply], reply.fact.value, about, named=[named]))


def _parallel(rng: random.Random, cast: Cast, thread: Thread, table: ReplyTable, used: set[tuple[str, str, str]]) -> None:
    """Two questions at once, answered one after the other in this order or the reverse."""
    replier = rng.choice(_repliers(cast, table, used))
    other = cast.other(rng, replier)
    things = [_thing(rng, table, replier, used) for _ in range(2)]
    values = rng.sample(table.values, 2)
    openers = [sentence_case(rng.choice(table.asked).replace("{t}", thing)) for thing in things]
    asked = [Turn(other, _addressed(openers[0], replier, cast, False)), Turn(other, rng.choice(tables.ANOTHER) + openers[1])]
    replies = []
    for number, (thing, value) in enumerate(zip(things, values, strict=True)):
        text = rng.choice(tables.IN_ORDER[number]).replace("{r}", sentence_case(rng.choice(table.replies).replace("{v}", value)))
        replies.append(Turn(replier, text, Fact(replier, f"{table.type}:{thing}", value)))
    ordered = replies if rng.random() < 0.6 else replies[::-1]
    between = _between(rng, replier, other) if rng.random() < 0.4 else []
    thread.blocks.append([*asked, *between, *ordered])
    for thing, reply, named in zip(things, replies, asked, strict=True):
        _question(rng, thread, table, thing, reply, named, other)


def _asked_anything(rng: random.Random, thread: Thread) -> None:
    """For things that came up once with a person: the question that only says what was talked about."""
    about = [(person, key.rsplit(":", 1)[1]) for person, key in (q.about for q in thread.questions)]
    for question, (person, thing) in list(zip(thread.questions, about, strict=True)):
        alike = sum(p == person and (thing in other or other in thing) for p, other in about)
        if alike == 1 and rng.random() < 0.12:
            text = ask(rng.choice(tables.ANYTHING), person, t=thing)
            thread.questions.append(Question(text, "reply.asked", question.evidence, question.answer, (person, thing), named=question.named))


def _repliers(cast: Cast, table: ReplyTable, used: set[tuple[str, str, str]]) -> list[Person]:
    """Who can be asked for two more things."""
    return [person for person in cast.tellers if len(_free(table, person, used)) > 1]


def _free(table: ReplyTable, replier: Person, used: set[tuple[str, str, str]]) -> list[str]:
    return [thing for thing in table.things if (replier.name, table.type, thing) not in used]


def _thing(rng: random.Random, table: ReplyTable, replier: Person, used: set[tuple[str, str, str]]) -> str:
    """A thing not yet asked of this person; often one that came up with another person or question."""
    known = sorted({thing for _, _, thing in used if thing in table.things})
    pool = known if known and rng.random() < 0.3 else table.things
    free = _free(table, replier, used)
    thing = rng.choice([t for t in pool if t in free] or free)
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
