"""What the generators of each kind hand to the layout: turns, what they state, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from .people import Person

if TYPE_CHECKING:
    from .track import Track

Mood = Literal["held", "retracted", "declined", "planned", "mentioned"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a turn states: `value` of `key` for `person`."""

    person: Person
    key: str
    value: str
    mood: Mood = "held"

    @property
    def holds(self) -> bool:
        """Whether it was ever so: not taken back, declined, only planned or mentioned."""
        return self.mood == "held"


@dataclass(eq=False, slots=True)
class Turn:
    """One utterance; without a speaker it is a gap that small talk fills."""

    speaker: Person | None
    text: str = ""
    fact: Fact | None = None


def gap(count: int) -> list[Turn]:
    """Turns that small talk will fill."""
    return [Turn(None) for _ in range(count)]


@dataclass(slots=True)
class Question:
    """A question and the turns that answer it.

    `about` is the person and key of the fact; `anchor` the value or event that the question names, `second`
    another value or person in it; `named` the turns that name what the evidence only points to, so that the
    answer may stand there.
    """

    text: str
    type: str
    evidence: list[Turn]
    answer: str
    about: tuple[Person, str]
    among: list[Turn] | None = None
    anchor: str | Turn | datetime | None = None
    second: str | Person | None = None
    named: list[Turn] = field(default_factory=list)


@dataclass(slots=True)
class Thread:
    """Blocks in order of telling: the turns of a block stay together, small talk and other threads may come between."""

    blocks: list[list[Turn]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    """What dates may be asked of, once the turns have some."""

    @property
    def turns(self) -> int:
        return sum(len(block) for block in self.blocks)
