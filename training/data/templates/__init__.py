"""Endless synthetic conversations that teach the memory: who said what, when, and what "it" was."""

from __future__ import annotations

import random
from collections.abc import Callable

from ..record import Record
from .bare_replies import bare_replies
from .changing_facts import changing_facts
from .content import content
from .layout import QUESTIONS, Conversation, lay_between, lay_out
from .people import Cast, draw_cast
from .references import references
from .thread import Thread
from .verify import TemplateError, certain, verify
from .wordings import DEVELOPMENT

__all__ = ["KINDS", "QUESTIONS", "Conversation", "UNSEEN", "TemplateError", "compose", "certain", "generate", "verify", "weave"]

THREADS: dict[str, Callable[[random.Random, Cast, int], Thread]] = {
    "changing_facts": changing_facts,
    "bare_replies": bare_replies,
    "references": references,
    "content": content,
}
KINDS = (*THREADS, "mixed")
UNSEEN = "unseen_facts"
"""One more kind: changing facts in wordings that training never shows."""
WEIGHTS = (0.3, 0.25, 0.15, 0.1, 0.2)
SHORTEST = 16


def generate(
    rng: random.Random, length: int, background: list[list[str]], kind: str | None = None, most: int = QUESTIONS
) -> Record:
    """A conversation of `length` turns, with at most `most` questions; UNSEEN or one of KINDS, drawn when none is given."""
    return certain(compose(rng, length, background, kind, most)).record


def compose(
    rng: random.Random, length: int, background: list[list[str]], kind: str | None = None, most: int = QUESTIONS
) -> Conversation:
    """As `generate`, with the facts behind the record, for `verify` and `certain`."""
    if length < SHORTEST:
        raise ValueError(f"length must be at least {SHORTEST}, not {length}")
    kind = kind or rng.choices(KINDS, WEIGHTS)[0]
    name = f"{kind}-{rng.getrandbits(48):012x}"
    widest = int(length * 0.75)
    while True:
        cast = draw_cast(rng)
        room = rng.randint(min(10, widest), min(widest, 48))
        threads = _threads(rng, cast, kind, room)
        if sum(thread.turns for thread in threads) <= length:
            return lay_out(rng, cast, threads, length, background, name, most)


def weave(
    rng: random.Random, segments: list[str], room: int, background: list[list[str]]
) -> tuple[Record, list[int]]:
    """A templated conversation of about `room` turns told between other segments, with questions about it alone.

    Also returns where each of the segments went. No question of the one kind can be told by where it is asked.
    """
    cast = draw_cast(rng)
    kind = rng.choices(KINDS, WEIGHTS)[0]
    name = f"woven-{kind}-{rng.getrandbits(48):012x}"
    conversation, moved = lay_between(rng, cast, _threads(rng, cast, kind, room), segments, background, name)
    return certain(conversation).record, moved


def _threads(rng: random.Random, cast: Cast, kind: str, room: int) -> list[Thread]:
    if kind == UNSEEN:
        return [changing_facts(rng, cast, room, DEVELOPMENT)]
    if kind != "mixed":
        return [THREADS[kind](rng, cast, room)]
    kinds = rng.sample(tuple(THREADS), 3 if room > 20 else 2)
    return [THREADS[k](rng, cast, room // len(kinds)) for k in kinds]
