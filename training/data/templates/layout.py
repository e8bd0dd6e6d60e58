"""From threads to a record: where each block stands, what small talk fills the rest, how turns are rendered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..record import Query, Record
from .asides import ASKING
from .history_questions import dated_questions
from .people import Cast
from .register import draw_register, written
from .small_talk import SMALL_TALK
from .thread import Question, Thread, Turn

QUESTIONS = 12
ASKING_RATE = 0.12
CORE_WEIGHT = 3
CORE = ("first", "latest", "before_latest", "previous", "next", "second", "third")
DATES: tuple[Callable[[datetime], str], ...] = (
    lambda t: f"{t.day} {t:%B %Y}",
    lambda t: f"{t:%Y-%m-%d %H:%M}",
    lambda t: f"{t.hour % 12 or 12}:{t:%M} {'am' if t.hour < 12 else 'pm'} on {t.day} {t:%B}, {t.year}",
    lambda t: f"{t:%B} {t.day}, {t.year}",
    lambda t: f"[{t:%d/%m/%Y, %H:%M}]",
    lambda t: f"{t:%a}, {t.day} {t:%b} {t:%Y %H:%M}",
    lambda t: f"{t:%Y-%m-%d}",
    lambda t: f"{t.day}.{t.month}.{t.year}, {t:%H:%M}",
    lambda t: f"{t:%A}, {t:%B} {t.day}, {t.year}",
    lambda t: f"({t:%b} {t.day}, {t.year} at {t.hour % 12 or 12}:{t:%M} {'am' if t.hour < 12 else 'pm'})",
    lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
)
SPANS = (
    ((0.85, timedelta(minutes=1), timedelta(minutes=5)), (1.0, timedelta(hours=7), timedelta(hours=200))),
    ((0.6, timedelta(minutes=1), timedelta(minutes=9)), (1.0, timedelta(days=2), timedelta(days=40))),
    ((1.0, timedelta(hours=5), timedelta(days=12)),),
    ((1.0, timedelta(seconds=20), timedelta(minutes=3)),),
)
"""How time passes between turns: up to this much of the time, between so much and so much."""

PAIRED_RATE = 0.12
"""How many conversations are of pairs of turns, where that keeps statements apart."""


@dataclass(slots=True)
class Conversation:
    """A record with what verification needs: the turns in order, and each question beside its query."""

    record: Record
    turns: list[Turn]
    place: dict[int, int]
    """The segment of each turn, by the turn's identity."""
    questions: list[Question]
    times: dict[int, datetime]
    """When each turn was said, by the turn's identity; empty when the record shows no dates."""


def lay_out(
    rng: random.Random,
    cast: Cast,
    threads: list[Thread],
    length: int,
    background: list[list[str]],
    name: str,
    most: int = QUESTIONS,
) -> Conversation:
    """Interleaves the threads, fills up to `length` turns with small talk, renders them, asks at most `most` questions."""
    turns = _fill(rng, cast, _interleave(rng, threads), length, background)
    texts, times, lines = _render(rng, cast, turns)
    place = {id(turn): i for i, turn in enumerate(turns)}
    tracks = [track for thread in threads for track in thread.tracks]
    paired = {turn: i // 2 for turn, i in place.items()}
    # Two statements of a track in one segment would have one place among those that a question asks among.
    apart = all(len({paired[id(turn)] for turn in track.stated}) == len(track.stated) for track in tracks)
    if rng.random() < PAIRED_RATE and apart:
        texts = ["\n".join(texts[i : i + 2]) for i in range(0, len(texts), 2)]
        place = paired
    questions = [question for thread in threads for question in thread.questions]
    for track in tracks if times else ():
        questions += dated_questions(rng, track, times, lines)
    questions = _choose(rng, questions, most)
    record = Record(name, texts, [_query(rng, question, place) for question in questions])
    return Conversation(record.check(), turns, place, questions, times)


def lay_between(
    rng: random.Random, cast: Cast, threads: list[Thread], told: list[str], background: list[list[str]], name: str
) -> tuple[Conversation, list[int]]:
    """The threads told between other segments, at one place or several, and where each of these segments went.

    The conversation's record asks about the threads alone, and has no dates.
    """
    blocks = _interleave(rng, threads)
    turns = _fill(rng, cast, blocks, sum(len(block) for block in blocks), background)
    spoken, _, _ = _render(rng, cast, turns, dated=False)
    sessions = sorted(rng.randint(0, len(told)) for _ in range(rng.randint(1, len(blocks))))
    places = sorted(rng.choice(sessions) for _ in blocks)
    before = [at for at, block in zip(places, blocks, strict=True) for _ in block]
    place = {id(turn): i + at for i, (turn, at) in enumerate(zip(turns, before, strict=True))}
    moved = [i + sum(at <= i for at in before) for i in range(len(told))]
    texts = [""] * (len(told) + len(turns))
    for where, text in zip([*moved, *place.values()], [*told, *spoken], strict=True):
        texts[where] = text
    questions = _choose(rng, [question for thread in threads for question in thread.questions], QUESTIONS)
    record = Record(name, texts, [_query(rng, question, place) for question in questions])
    return Conversation(record.check(), turns, place, questions, {}), moved


def _choose(rng: random.Random, questions: list[Question], most: int) -> list[Question]:
    """At most `most` of them; each further one of a type is less likely, CORE types are more likely."""
    rng.shuffle(questions)
    seen: dict[str, int] = {}
    ranked = []
    for question in questions:
        seen[question.type] = seen.get(question.type, 0) + 1
        weight = (CORE_WEIGHT if question.type in CORE else 1) / seen[question.type]
        ranked.append((rng.random() ** (1 / weight), question))
    return [question for _, question in sorted(ranked, key=lambda item: -item[0])[:most]]


def _query(rng: random.Random, question: Question, place: dict[int, int]) -> Query:
    def at(turns: list[Turn]) -> list[int]:
        return sorted({place[id(turn)] for turn in turns})

    among = None if question.among is None else at(question.among)
    text = rng.choice(ASKING) + question.text if rng.random() < ASKING_RATE else question.text
    anchor = place[id(question.anchor)] if isinstance(question.anchor, Turn) else None
    return Query(text, at(question.evidence), question.answer, question.type, among, anchor, templated=True)


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


def _render(
    rng: random.Random, cast: Cast, turns: list[Turn], dated: bool = True
) -> tuple[list[str], dict[int, datetime], dict[int, str]]:
    """Speakers before the texts, and for some conversations a line with the time above; the times and lines of turns.

    Some show the time only where a session begins.
    """
    registers = {person: draw_register(rng) for person in cast.speakers}
    texts = [f"{turn.speaker.name}: {_written(turn, registers[turn.speaker])}" for turn in turns]
    if not dated or rng.random() > (0.15 if cast.roles else 0.35):
        return texts, {}, {}
    style, span, sessions = rng.choice(DATES), rng.choice(SPANS), rng.random() < 0.3
    time, apart = datetime(2016, 1, 1) + timedelta(minutes=rng.randrange(11 * 365 * 24 * 60)), timedelta(days=1)
    times: dict[int, datetime] = {}
    lines: dict[int, str] = {}
    for i, turn in enumerate(turns):
        times[id(turn)] = time
        if not sessions or apart > timedelta(hours=2):
            lines[id(turn)] = style(time)
            texts[i] = f"{style(time)}\n{texts[i]}"
        chance = rng.random()
        low, high = next((low, high) for share, low, high in span if chance <= share)
        apart = low + (high - low) * rng.random()
        time += apart
    return texts, times, lines
