"""Long spoken turns as segments of bounded length."""

from __future__ import annotations

from collections.abc import Iterable

from data.text import detokenize, passages, says

MAX_WORDS = 60


def split_turns(turns: Iterable[tuple[str, str]]) -> tuple[list[str], list[list[int]]]:
    """(speaker, text) turns as segments of at most about MAX_WORDS words, and each turn's segment indices.

    A turn without words (noise marks only) has none.
    """
    segments: list[str] = []
    places: list[list[int]] = []
    for speaker, text in turns:
        parts = passages(detokenize(text), MAX_WORDS)
        parts = [part for part in parts if any(c.isalnum() for c in part)]
        places.append(list(range(len(segments), len(segments) + len(parts))))
        segments += [says(speaker, part) for part in parts]
    return segments, places
