"""Wordings of changing facts, as text files in wordings/: those of training, and others for development alone.

attributes/*.txt: blocks for `Attribute.parse`, an empty line between them.
facts/<what it does>.txt: statements for attributes in general, one a line. {n} is the attribute's noun, {v} the value, {w} a
former or other value, {r} who reports {x}; the person's slots are those of `people.tell`.
asks/<kind>.txt: questions, one a line. {n} is the noun, {a} and {b} values, {e} an event, {d} a date, {q} somebody else; the
person's slots are those of `people.ask`. asks/act.<kind>.txt ask without the noun, by a question word {w} and a verb phrase {act}.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

from .attribute import Attribute
from .attribute_families import draw_attribute

FAMILY_RATE = 0.25
"""How many of training's attributes are of a random thing."""
_ROOT = Path(__file__).parent / "wordings"
_ACT = "act."


@dataclass(frozen=True, slots=True)
class Wordings:
    """Attributes; and by kind, statements, questions, and questions without a noun."""

    attributes: tuple[Attribute, ...]
    facts: dict[str, tuple[str, ...]]
    asks: dict[str, tuple[str, ...]]
    act_asks: dict[str, tuple[str, ...]]
    families: bool
    """Whether attributes of things and occasions are drawn, too."""

    @staticmethod
    def read(name: str, families: bool) -> Wordings:
        """Those of a folder of wordings/."""
        blocks = [block for path in sorted((_ROOT / name / "attributes").glob("*.txt")) for block in _text(path).split("\n\n")]
        asks = _lines(name, "asks")
        return Wordings(
            tuple(map(Attribute.parse, blocks)),
            _lines(name, "facts"),
            {kind: lines for kind, lines in asks.items() if not kind.startswith(_ACT)},
            {kind.removeprefix(_ACT): lines for kind, lines in asks.items() if kind.startswith(_ACT)},
            families,
        )

    def attribute(self, rng: random.Random) -> Attribute:
        """One at random."""
        return draw_attribute(rng) if self.families and rng.random() < FAMILY_RATE else rng.choice(self.attributes)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _lines(name: str, folder: str) -> dict[str, tuple[str, ...]]:
    return {path.stem: tuple(_text(path).split("\n")) for path in sorted((_ROOT / name / folder).glob("*.txt"))}


TRAINING = Wordings.read("training", families=True)
_DEVELOPMENT = Wordings.read("development", families=False)
DEVELOPMENT = replace(_DEVELOPMENT, asks=dict.fromkeys(TRAINING.asks, ()) | _DEVELOPMENT.asks)
"""Of some kinds of question it has no wordings."""
