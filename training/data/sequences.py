"""The kinds of sequences beside natural ones: templated, and both woven into one."""

from __future__ import annotations

import random

from data.mixture import MAX_QUERIES, Mixture
from data.record import Record
from data.templates import QUESTIONS, generate, weave

SMALL_TALK = 12  # background conversations to fill one templated sequence from


def templated(
    rng: random.Random, mixture: Mixture, length: int, kind: str | None = None, most: int = QUESTIONS
) -> Record:
    """A templated conversation of `length` turns over the mixture's background, with at most `most` questions.

    kind: UNSEEN or of KINDS, see templates.
    """
    return generate(rng, length, mixture.small_talk(rng, SMALL_TALK), kind, most)


def woven(rng: random.Random, mixture: Mixture, length: int, room: int, most: int = MAX_QUERIES) -> Record:
    """A natural sequence with a templated conversation of about `room` turns told between; `length` segments in all.

    most: queries of the natural part.
    """

    def between(rng: random.Random, told: list[str]) -> tuple[Record, list[int]]:
        return weave(rng, told, room, mixture.small_talk(rng, SMALL_TALK))

    return mixture.sequence(rng, length - room, weave=between, most=most)
