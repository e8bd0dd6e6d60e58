"""One person's attribute in the course of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .attribute import Attribute
from .people import Person
from .thread import Turn
from .wordings import Wordings


@dataclass(slots=True)
class Track:
    """What is said of it, in order of telling."""

    person: Person
    attribute: Attribute
    wordings: Wordings
    pending: list[Callable[[], list[Turn]]] = field(default_factory=list)
    stated: list[Turn] = field(default_factory=list)
    """Turns whose value held."""
    others: list[Turn] = field(default_factory=list)
    """Turns that name a value without its holding: taken back, declined, only planned or mentioned."""
    named: set[str] = field(default_factory=set)
    """Values that decoys name: somebody else may have them."""
    reasons: dict[int, str] = field(default_factory=dict)
    """Why a value was taken, by its place in `stated`, where the turn says so."""
    answers: list[tuple[Turn, Person]] = field(default_factory=list)
    """Bare answers, and who asked."""

    @property
    def key(self) -> str:
        return self.attribute.nouns[0]

    @property
    def values(self) -> list[str]:
        return [turn.fact.value for turn in self.stated]

    def of_mood(self, mood: str) -> list[Turn]:
        return [turn for turn in self.others if turn.fact.mood == mood]
