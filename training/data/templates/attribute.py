"""An attribute that changes in the course of a conversation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """Nouns, values, and wordings of its own in the slots of `people.tell`, {v} for the value."""

    nouns: tuple[str, ...]
    values: tuple[str, ...]
    says: tuple[str, ...]
    """Each states that the value is the person's; those that do not name the person, if the person says so."""
    near: tuple[str, ...] = ()
    """Each names the value much as a statement does, but states nothing."""
    act: tuple[str, str] | None = None
    """A question word and a verb phrase that ask for it without its noun."""

    @staticmethod
    def parse(block: str) -> Attribute:
        """From a line of nouns and one of values (| between them), and then a line each: "? word | verb phrase" (or
        none), statements, and near misses after "- ". Raises ValueError naming the nouns of a block of another form."""
        nouns, values, *lines = block.split("\n")
        asks = [line[2:] for line in lines if line.startswith("? ")]
        if len(asks) > 1 or any(ask.count(" | ") != 1 for ask in asks):
            raise ValueError(f"{nouns}: {asks} is not one question word | verb phrase")
        return Attribute(
            tuple(nouns.split("|")),
            tuple(values.split("|")),
            tuple(line for line in lines if line[:2] not in ("? ", "- ")),
            tuple(line[2:] for line in lines if line.startswith("- ")),
            tuple(asks[0].split(" | ")) if asks else None,
        )
