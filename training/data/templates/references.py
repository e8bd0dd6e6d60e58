"""Turns that say "it", "there" or nothing at all for what an earlier turn named."""

from __future__ import annotations

import random

from . import story_tables as tables
from .items import PRICES, SHOPS, THINGS
from .people import Cast, Person, ask, sentence_case
from .reply_tables import REPLIES
from .story_tables import STORIES, Detail, Story
from .thread import Fact, Question, Thread, Turn, gap

PLACES = next(table.values for table in REPLIES if table.type == "reply.where")


def references(rng: random.Random, cast: Cast, room: int) -> Thread:
    """Stories that are interrupted and resumed, errands and places, within about `room` turns."""
    thread = Thread()
    tales: list[list[list[Turn]]] = []
    used: set[str] = set()
    kin = rng.choice(STORIES)
    while sum(len(block) for tale in tales for block in tale) + 7 <= room or not tales:
        kind = rng.random()
        if kind < 0.6:
            tales.append(_story(rng, cast, thread, kin if rng.random() < 0.5 else rng.choice(STORIES), used, room))
        elif kind < 0.85 and not used.issuperset(SHOPS):
            tales.append(_errand(rng, cast, thread, used))
        else:
            tales.append(_same_place(rng, cast, thread, used))
    _compete(thread)
    while tales:
        tale = rng.choice(tales)
        thread.blocks.append(tale.pop(0))
        tales = [t for t in tales if t]
    return thread


def _story(
    rng: random.Random, cast: Cast, thread: Thread, story: Story, used: set[str], room: int
) -> list[list[Turn]]:
    """One story in one or more blocks; each block names its topic in its first turn only."""
    teller = rng.choice(cast.tellers)
    other = cast.other(rng, teller)
    owner = teller if rng.random() < 0.5 else rng.choice([*cast.absent, *[p for p in cast.tellers if p != teller]])
    people = (*cast.absent, *cast.tellers)
    topic = rng.choice([t for t in story.topics if any(f"{p.name} {t}" not in used for p in people)])
    if f"{owner.name} {topic}" in used:
        owner = next(p for p in people if f"{p.name} {topic}" not in used)
    used.add(f"{owner.name} {topic}")
    details = _details(rng, story, thread, min(rng.randint(2, 5), max(2, room // 3)))
    blocks: list[list[Turn]] = []
    asked: list[Question] = []
    for i, detail in enumerate(details):
        if i == 0 or rng.random() < 0.35:
            asks = rng.random() < 0.25
            pool = tables.ASKED_OPENERS if asks else tables.OPENERS if i == 0 else tables.RESUMES
            speaker, listener = (other, teller) if asks else (teller, other)
            text = sentence_case(rng.choice(pool).replace("{topic}", _topic(topic, owner, speaker, listener)))
            blocks.append([Turn(speaker, text)])
        elif rng.random() < 0.35:
            blocks[-1].append(Turn(other, rng.choice(tables.NODS)))
        elif rng.random() < 0.2:
            blocks[-1] += gap(1)
        value = rng.choice(detail.values)
        turn = Turn(teller, f"{detail.before}{value}{detail.after}", Fact(owner, f"story:{topic}:{detail.before}", value))
        blocks[-1].append(turn)
        text = ask(rng.choice(detail.questions), owner, topic=ask("{ps}", owner).replace("My", "my") + " " + topic)
        asked.append(Question(text, "reference", [turn], value, (owner, turn.fact.key)))
    thread.questions += asked
    return blocks


def _details(rng: random.Random, story: Story, thread: Thread, count: int) -> list[Detail]:
    """Some details in any order, those first that another story of the conversation has too."""
    told = {question.about[1].rsplit(":", 1)[1] for question in thread.questions}
    pool = rng.sample(story.details, len(story.details))
    if rng.random() < 0.7:
        pool.sort(key=lambda detail: detail.before not in told)
    chosen = pool[:count]
    rng.shuffle(chosen)
    return chosen


def _compete(thread: Thread) -> None:
    """The same detail of several stories: each is among the others' candidates."""
    alike: dict[str, list[Turn]] = {}
    for question in thread.questions:
        alike.setdefault(question.about[1].rsplit(":", 1)[1], []).extend(question.evidence)
    for question in thread.questions:
        among = alike[question.about[1].rsplit(":", 1)[1]]
        question.among = among if len(among) > 1 else None


def _topic(topic: str, owner: Person, speaker: Person, listener: Person) -> str:
    if owner == speaker:
        return f"my {topic}"
    return f"your {topic}" if owner == listener else f"{owner.name}'s {topic}"


def _errand(rng: random.Random, cast: Cast, thread: Thread, used: set[str]) -> list[list[Turn]]:
    """Three turns: a shop, a thing, and what "it" was "there"."""
    teller = rng.choice(cast.tellers)
    other = cast.other(rng, teller)
    shop = rng.choice([s for s in SHOPS if s not in used])
    slots = {"thing": _unused(rng, used), "shop": shop, "price": rng.choice(PRICES)}
    used.add(shop)
    block = [
        Turn(speaker, sentence_case(text.format(**slots)))
        for speaker, text in zip((teller, other, teller), rng.choice(tables.ERRANDS), strict=True)
    ]
    block[2].fact = Fact(teller, f"errand:{slots['thing']}", slots["price"])
    kind = rng.choice(("price", "price", "thing", "shop"))
    text = ask(rng.choice(tables.ERRAND_QUESTIONS[kind]), teller, **slots)
    about = (teller, block[2].fact.key)
    thread.questions.append(Question(text, "reference", block[2:], slots[kind], about, named=block[:2]))
    return [block]


def _same_place(rng: random.Random, cast: Cast, thread: Thread, used: set[str]) -> list[list[Turn]]:
    teller = rng.choice(cast.tellers)
    slots = {"one": _unused(rng, used), "two": _unused(rng, used), "place": rng.choice(PLACES)}
    first, second = (text.format(**slots) for text in rng.choice(tables.SAME_PLACES))
    block = [Turn(teller, first)]
    if rng.random() < 0.4:
        block.append(Turn(cast.other(rng, teller), rng.choice(tables.NODS)))
    block += gap(rng.choice((0, 0, 1)))
    block.append(Turn(teller, second, Fact(teller, f"place:{slots['two']}", slots["place"])))
    text = ask(rng.choice(tables.SAME_PLACE_QUESTIONS), teller, **slots)
    about = (teller, block[-1].fact.key)
    thread.questions.append(Question(text, "reference", block[-1:], slots["place"], about, named=block[:1]))
    return [block]


def _unused(rng: random.Random, used: set[str]) -> str:
    thing = rng.choice([t for t in THINGS if t not in used])
    used.add(thing)
    return thing
