"""BM25+ over English stems as the engine's lexical index (src/lexical.ts) computes it, scores in context, z-score fusion.

A segment's length is its number of distinct terms. tests/fixtures/lexical.json holds what both must compute.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from functools import cache

import numpy as np
from nltk.stem.porter import PorterStemmer

K, B, D = 1.2, 0.7, 0.5
LEXICAL_WEIGHT = 0.3  # the lexical share in hybrid mode, times what a query does not rely on the memory
CONTEXT = 0.5  # the share of a segment's score that counts for each of its neighbours, and of that for the next
STOP_WORDS = frozenset(
    "a an the and or i you he she it we they me him her us them my your his its our their this that these those "
    "am is are was were be been do does did has have had will would can could "
    "what when where which who whom whose why how in on at to of for from with by about as s t".split()
)
"""Of a query; `s` and `t` are what follows an apostrophe."""


def words(text: str) -> list[str]:
    """Lower-cased runs between white space and punctuation (Unicode Z and P)."""
    spaced = "".join(" " if "\t" <= c <= "\r" or unicodedata.category(c)[0] in "ZP" else c for c in text.lower())
    return [word for word in spaced.split(" ") if word]


_PORTER = PorterStemmer(mode=PorterStemmer.MARTIN_EXTENSIONS)


@cache
def stem(word: str) -> str:
    """Porter's, of a lower-cased word."""
    return _PORTER.stem(word, to_lowercase=False)


class LexicalIndex:
    def __init__(self, segments: list[str]) -> None:
        self.counts = [Counter(map(stem, words(s))) for s in segments]
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
        for term in (stem(word) for word in words(query) if word not in STOP_WORDS):
            postings = self.postings.get(term, [])
            rarity = math.log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for i, frequency in postings:
                saturated = frequency * (K + 1) / (frequency + K * (1 - B + B * self.lengths[i] / mean))
                scores[i] += rarity * (D + saturated)
        return scores


def in_context(scores: np.ndarray) -> np.ndarray:
    """Scores [..., T], each with those around it, which count less the farther they are: CONTEXT to the distance."""
    before, after = np.zeros_like(scores), np.zeros_like(scores)
    for i in range(1, scores.shape[-1]):
        before[..., i] = CONTEXT * (before[..., i - 1] + scores[..., i - 1])
        after[..., -1 - i] = CONTEXT * (after[..., -i] + scores[..., -i])
    return before + scores + after


def z_scores(x: np.ndarray) -> np.ndarray:
    """Minus mean, over standard deviation, of each row [..., T]; zeros where all are alike."""
    deviation = x.std(-1, keepdims=True)
    return np.divide(x - x.mean(-1, keepdims=True), deviation, out=np.zeros_like(x), where=deviation > 0)


def fuse(dense: np.ndarray, lexical: np.ndarray, weight: float | np.ndarray) -> np.ndarray:
    """z-scored scores of each query [..., T], mixed; `weight` is the lexical share, of all or of each [...]."""
    weight = np.asarray(weight)[..., None]
    return (1 - weight) * z_scores(dense) + weight * z_scores(lexical)
