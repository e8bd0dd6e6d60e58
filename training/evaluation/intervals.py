"""Bootstrap confidence intervals of means and of paired differences."""

from __future__ import annotations

import numpy as np

TIMES = 2000
LEVEL = 0.95


def interval(values: np.ndarray, seed: int, groups: np.ndarray | None = None) -> tuple[float, float]:
    """The middle LEVEL of the means of TIMES resamples of values [Q]: of queries, or of whole groups [Q] of them."""
    rng = np.random.default_rng(seed)
    if groups is None:
        sums, counts = values, np.ones(len(values))
    else:
        _, place = np.unique(groups, return_inverse=True)
        sums, counts = np.bincount(place, values), np.bincount(place).astype(float)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), TIMES).astype(np.float32)
    means = (drawn @ sums) / (drawn @ counts)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
