"""An attribute that changes in the course of a conversation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """Nouns, values, and wordings of its own in the slots of `people.tell`, {v} for the value."""

    nouns: tuple[str, ...]
    values: tuple[str, ...]
    says: tuple[str, ...]
    act: tuple[str, str] | None = None
    """A question word and a verb phrase that ask for it without its noun."""
