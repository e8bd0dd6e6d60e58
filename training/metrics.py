"""Retrieval metrics of one ranking; figures are means over queries."""

from __future__ import annotations

import math

import numpy as np

from data.record import Query


def measure(scores: np.ndarray, query: Query) -> dict[str, float]:
    """recall@k is the share of the evidence among the top k; ties go to the newer segment.

    scores [T], one a segment. `among@1` only where the query says what competes.
    """
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], -i))
    evidence = set(query.evidence)
    ranks = [rank for rank, i in enumerate(order) if i in evidence]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(evidence))))
    out = {f"recall@{k}": sum(r < k for r in ranks) / len(evidence) for k in (1, 5, 10)}
    out["ndcg@10"] = sum(1 / math.log2(r + 2) for r in ranks if r < 10) / ideal
    out["mrr"] = 1 / (ranks[0] + 1)
    if query.among:
        among = set(query.among)
        out["among@1"] = float(next(i for i in order if i in among) in evidence)
    return out


def average(rows: list[dict[str, float]]) -> dict[str, float]:
    """Means, each over the queries that have the figure."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}
