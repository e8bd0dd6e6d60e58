"""Calibration: from a score to the probability of being relevant, P = sigmoid(slope * score + intercept)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    slope: float
    intercept: float


def fit(scores: np.ndarray, relevant: np.ndarray, *, iterations: int = 50) -> Calibration:
    """Logistic regression by Newton's method; scores [N], relevant [N] of 0 and 1.

    Raises ValueError unless there are both relevant and other scores.
    """
    if not 0 < relevant.sum() < len(relevant):
        raise ValueError(f"{int(relevant.sum())} of {len(relevant)} scores are relevant: both kinds are needed")
    x = np.stack([scores, np.ones_like(scores)], 1).astype(np.float64)
    weights = np.zeros(2)
    for _ in range(iterations):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (p - relevant)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(float(weights[0]), float(weights[1]))
