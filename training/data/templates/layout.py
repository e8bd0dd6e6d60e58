"""From threads to a record: where each block stands, what small talk fills the rest, how turns are rendered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..record import Query, Record
from .people import Cast
from .register import draw_register, written
from .small_talk import SMALL_TALK
from .thread import Question, Thread, Turn

QUERIES = 12
DATES: tuple[Callable[[datetime], str], ...] = (
    lambda t: f"{t.day} {t:%B %Y}",
    lambda t: f"{t:%Y-%m-%d %H:%M}",
    lambda t: f"{t.hour % 12 or 12}:{t:%M} {'am' if t.hour < 12 else 'pm'} on {t.day} {t:%B}, {t.year}",
    lambda t: f"{t:%B} {t.day}, {t.year}",
    lambda t: f"[{t:%d/%m/%Y, %H:%M}]",
)


@dataclass(slots=True)
class Conversation:
    """A record with what verification needs: the turns in order, and each question beside its query."""

    record: Record
    turns: list[Turn]
    place: dict[int, int]
    """The segment of each turn, by the turn's identity."""
    questions: list[Question]


def lay_out(
    rng: random.Random, cast: Cast, threads: list[Thread], length: int, background: list[list[str]], name: str
) -> Conversation:
    """Interleaves the threads, fills up to `length` turns with small talk, and renders them."""
    turns = _fill(rng, cast, _interleave(rng, threads), length, background)
    texts = _render(rng, cast, turns)
    place = {id(turn): i for i, turn in enumerate(turns)}
    if rng.random() < 0.08:
        texts = ["\n".join(texts[i : i + 2]) for i in range(0, len(texts), 2)]
        place = {turn: i // 2 for turn, i in place.items()}
    questions = [question for thread in threads for question in thread.questions]
    questions = _choose(rng, questions)
    record = Record(name, texts, [_query(question, place) for question in questions])
    return Conversation(record.check(), turns, place, questions)


def _choose(rng: random.Random, questions: list[Question]) -> list[Question]:
    """At most QUERIES of them, the types in turn so that none crowds out the others."""
    rng.shuffle(questions)
    seen: dict[str, int] = {}
    ranked = []
    for question in questions:
        seen[question.type] = seen.get(question.type, 0) + 1
        ranked.append((seen[question.type], rng.random(), question))
    return [question for _, _, question in sorted(ranked, key=lambda item: item[:2])[:QUERIES]]


def _query(question: Question, place: dict[int, int]) -> Query:
    def at(turns: list[Turn]) -> list[int]:
        return sorted({place[id(turn)] for turn in turns})

    among = None if question.among is None else at(question.among)
    return Query(question.text, at(question.evidence), question.answer, question.type, among)


def _interleave(rng: random.Random, threads: list[Thread]) -> list[list[Turn]]:
    """Blocks of all threads in one order that keeps each thread's own."""
    placed = []
    for number, thread in enumerate(threads):
        places = sorted(rng.random() for _ in thread.blocks)
        placed += [(at, number, block) for at, block in zip(places, thread.blocks, strict=True)]
    return [block for _, _, block in sorted(placed, key=lambda item: item[:2])]


def _fill(
    rng: random.Random, cast: Cast, blocks: list[list[Turn]], length: int, background: list[list[str]]
) -> list[Turn]:
    """The blocks at random places, with small talk between and inside them, `length` turns in all."""
    free = length - sum(len(block) for block in blocks)
    gaps = [0] * (len(blocks) + 1)
    wide = range(len(gaps)) if rng.random() < 0.7 else rng.sample(range(len(gaps)), (len(gaps) + 2) // 3)
    for _ in range(free):
        gaps[rng.choice(wide)] += 1
    turns: list[Turn] = []
    for count, block in zip(gaps, [*blocks, []], strict=True):
        turns += [Turn(None) for _ in range(count)]
        turns += block
    talk = _small_talk(rng, background, _told(turns))
    speaker = rng.randrange(len(cast.speakers))
    for turn in turns:
        if turn.speaker is None:
            speaker = (speaker + rng.randint(1, len(cast.speakers) - 1)) % len(cast.speakers)
            turn.speaker, turn.text = cast.speakers[speaker], next(talk)
    return turns


def _told(turns: list[Turn]) -> set[str]:
    """Values that small talk must not mention."""
    return {turn.fact.value.lower() for turn in turns if turn.fact and len(turn.fact.value) > 3}


def _small_talk(rng: random.Random, background: list[list[str]], told: set[str]) -> Iterator[str]:
    """Endless turns: consecutive ones of a conversation, then of another."""
    while True:
        conversation = rng.choice(background) if background else SMALL_TALK
        start = rng.randrange(len(conversation)) if conversation and rng.random() < 0.5 else 0
        yielded = False
        for text in conversation[start:]:
            text = " ".join(text.split())
            if text and not any(value in text.lower() for value in told):
                yielded = True
                yield text
        if not yielded:
            yield rng.choice(("Hm.", "I see.", "Right.", "Oh well.", "Yes, quite."))


def _written(turn: Turn, register: str) -> str:
    """The turn's text in its speaker's register, unless that would change the value it states."""
    text = written(turn.text, register)
    return text if turn.fact is None or turn.fact.value.lower() in text.lower() else turn.text


def _render(rng: random.Random, cast: Cast, turns: list[Turn]) -> list[str]:
    """Speakers before the texts, and for some conversations a line with the time above."""
    registers = {person: draw_register(rng) for person in cast.speakers}
    texts = [f"{turn.speaker.name}: {_written(turn, registers[turn.speaker])}" for turn in turns]
    if rng.random() > (0.15 if cast.roles else 0.3):
        return texts
    style, time = rng.choice(DATES), datetime(2022, 1, 1) + timedelta(minutes=rng.randrange(3 * 365 * 24 * 60))
    dated = []
    for text in texts:
        dated.append(f"{style(time)}\n{text}")
        apart = timedelta(minutes=rng.randint(1, 5)) if rng.random() < 0.85 else timedelta(hours=rng.randint(7, 200))
        time += apart
    return dated
