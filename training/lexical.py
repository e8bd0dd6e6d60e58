"""BM25+ as the engine's lexical index (src/lexical.ts) computes it, and z-score fusion.

A segment's length is its number of distinct terms.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter

import numpy as np

K, B, D = 1.2, 0.7, 0.5
LEXICAL_WEIGHT = 0.35  # the lexical share in hybrid mode, times what a query does not rely on the memory


def terms(text: str) -> list[str]:
    """Lower-cased runs between white space and punctuation (Unicode Z and P)."""
    spaced = "".join(" " if c in "\n\r" or unicodedata.category(c)[0] in "ZP" else c for c in text)
    return [term.lower() for term in spaced.split(" ") if term]


class LexicalIndex:
    def __init__(self, segments: list[str]) -> None:
        self.counts = [Counter(terms(s)) for s in segments]
        self.lengths = np.array([len(c) for c in self.counts], dtype=np.float64)
        self.postings: dict[str, list[tuple[int, int]]] = {}
        for i, count in enumerate(self.counts):
            for term, frequency in count.items():
                self.postings.setdefault(term, []).append((i, frequency))

    def scores(self, query: str) -> np.ndarray:
        """One score a segment [T]; 0 where no term matches."""
        total = len(self.counts)
        scores = np.zeros(total)
        mean = self.lengths.mean()
        for term in terms(query):
            postings = self.postings.get(term, [])
            rarity = math.log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for i, frequency in postings:
                saturated = frequency * (K + 1) / (frequency + K * (1 - B + B * self.lengths[i] / mean))
                scores[i] += rarity * (D + saturated)
        return scores


def z_scores(x: np.ndarray) -> np.ndarray:
    """Minus mean, over standard deviation, of each row [..., T]; zeros where all are alike."""
    deviation = x.std(-1, keepdims=True)
    return np.divide(x - x.mean(-1, keepdims=True), deviation, out=np.zeros_like(x), where=deviation > 0)


def fuse(dense: np.ndarray, lexical: np.ndarray, weight: float | np.ndarray) -> np.ndarray:
    """z-scored scores of each query [..., T], mixed; `weight` is the lexical share, of all or of each [...]."""
    weight = np.asarray(weight)[..., None]
    return (1 - weight) * z_scores(dense) + weight * z_scores(lexical)
