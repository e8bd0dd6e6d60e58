"""The development set: sequences drawn from documents that training never saw (data/splits.py)."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from data import sequences
from data.mixture import Mixture
from data.record import Record
from data.templates import UNSEEN

SEQUENCES, LENGTH, WOVEN = 80, 64, 20


def natural(built: Path, seed: int = 0, count: int = SEQUENCES, length: int = LENGTH) -> list[Record]:
    """Sequences as in training, of the development split; a query's type is the source that leads its sequence."""
    mixture, rng = Mixture.load(built, "dev"), random.Random(f"development/{seed}")
    records = [mixture.sequence(rng, length) for _ in range(count)]
    return [
        replace(
            record,
            id=f"development/{i}",
            queries=[replace(query, type=record.id.split(":", 1)[0]) for query in record.queries],
        )
        for i, record in enumerate(records)
    ]


def templated(built: Path, seed: int = 0, count: int = SEQUENCES, length: int = LENGTH) -> list[Record]:
    """Templated sequences between background conversations of the development split.

    Wordings, items and attributes are those of training: it shows fitting, not generality.
    """
    return _templated("templates", None, built, seed, count, length)


def unseen(built: Path, seed: int = 0, count: int = SEQUENCES, length: int = LENGTH) -> list[Record]:
    """Facts that change, of attributes and in wordings that training never shows; between conversations as in `templated`.

    It shows generality, and models may be chosen by it.
    """
    return _templated("unseen", UNSEEN, built, seed, count, length)


def _templated(name: str, kind: str | None, built: Path, seed: int, count: int, length: int) -> list[Record]:
    mixture, rng = Mixture.load(built, "dev"), random.Random(f"development {name}/{seed}")
    records = [sequences.templated(rng, mixture, length, kind) for _ in range(count)]
    return [replace(record, id=f"{name}/{i}") for i, record in enumerate(records)]


def woven(built: Path, seed: int = 0, count: int = SEQUENCES, length: int = LENGTH) -> list[Record]:
    """Natural sequences of the development split with templated turns between: both kinds of question in one memory."""
    mixture, rng = Mixture.load(built, "dev"), random.Random(f"development woven/{seed}")
    records = [sequences.woven(rng, mixture, length, WOVEN) for _ in range(count)]
    return [replace(record, id=f"woven/{i}") for i, record in enumerate(records)]
