"""Calibration: from a score to the probability of being relevant, P = sigmoid(slope * score + intercept)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase

from checkpoint import autocast
from data.record import Record, read_records
from encoding import Reader
from model import EvoEmbed
from retrieval import Retrieval
from rounding import round_activations_, rounding_layers

MODES = {"evolved": "evolved vectors", "static": "static"}
"""Name in evo.json -> whose scores: late interaction and reranker move candidates among the places these give."""
RECORDS_A_SOURCE, MAX_SEGMENTS = 6, 150


def development_records(folder: Path, seed: int = 0) -> list[Record]:
    """Records with queries of every `*.dev.jsonl` that data.build wrote, as many of each at most."""
    chosen = []
    for path in sorted(folder.glob("*.dev.jsonl")):
        records = [r for r in read_records(path) if r.queries and len(r.segments) <= MAX_SEGMENTS]
        random.Random(seed).shuffle(records)
        chosen += records[:RECORDS_A_SOURCE]
    if not chosen:
        raise FileNotFoundError(f"{folder} holds no *.dev.jsonl with queries; data.build makes them")
    return chosen


def development_texts(folder: Path, count: int = 1500) -> list[str]:
    """Of these records, as many texts at most: what the encoder's grids are chosen on (rounding.py)."""
    texts = {t for r in development_records(folder) for t in [*r.segments, *(q.text for q in r.queries)]}
    return random.Random(0).sample(sorted(texts), min(count, len(texts)))


def with_grids(model: EvoEmbed, tokenizer: PreTrainedTokenizerBase, folder: Path | None) -> None:
    """Makes the encoder round its activations, in place, by the texts of `folder`, unless it does.

    Raises ValueError where there is no folder.
    """
    if rounding_layers(model.encoder):
        return
    if folder is None:
        raise ValueError("the encoder has no grids to round to yet: development texts are needed to choose them")
    round_activations_(Reader(model, tokenizer), development_texts(folder))


@dataclass(frozen=True)
class Calibration:
    slope: float
    intercept: float


def fit(scores: np.ndarray, relevant: np.ndarray, *, iterations: int = 50) -> Calibration:
    """Logistic regression by Newton's method; scores [N], relevant [N] of 0 and 1.

    Raises ValueError unless there are both relevant and other scores.
    """
    if not 0 < relevant.sum() < len(relevant):
        raise ValueError(
            f"{int(relevant.sum())} of {len(relevant)} scores are relevant: both kinds are needed"
        )
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


def calibrate(
    model: EvoEmbed, tokenizer: PreTrainedTokenizerBase, records: list[Record]
) -> dict[str, Calibration]:
    """Fits each mode over all pairs of a query and a segment of its own record."""
    retrieval = Retrieval.of(Reader(model, tokenizer), autocast, tuple(MODES.values()))
    scores: dict[str, list[np.ndarray]] = {mode: [] for mode in MODES}
    relevant = []
    for record, told in zip(records, retrieval.scores(records), strict=True):
        marks = np.zeros((len(record.queries), len(record.segments)))
        for row, query in zip(marks, record.queries, strict=True):
            row[query.evidence] = 1
        relevant.append(marks.ravel())
        for name, mode in MODES.items():
            scores[name].append(told[mode].ravel())
    return {name: fit(np.concatenate(scores[name]), np.concatenate(relevant)) for name in MODES}
