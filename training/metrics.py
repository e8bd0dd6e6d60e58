"""Retrieval metrics of one ranking; figures are means over queries."""

from __future__ import annotations

import math

import numpy as np

from data.record import Query


def evidence_ranks(scores: np.ndarray, evidence: list[int]) -> np.ndarray:
    """Rank (from 0) of each evidence segment among all [T]; ties go to the newer segment."""
    own = scores[evidence][:, None]
    newer = np.arange(len(scores))[None] > np.asarray(evidence)[:, None]
    return ((scores > own) | ((scores == own) & newer)).sum(1)


def measure(scores: np.ndarray, query: Query) -> dict[str, float]:
    """recall@k is the share of the evidence among the top k.

    scores [T], one a segment. `among@1` only where the query says what competes.
    """
    ranks = np.sort(evidence_ranks(scores, sorted(set(query.evidence))))
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(ranks))))
    out = {f"recall@{k}": float((ranks < k).mean()) for k in (1, 5, 10)}
    out["ndcg@10"] = float((1 / np.log2(ranks[ranks < 10] + 2)).sum() / ideal)
    out["mrr"] = 1 / (int(ranks[0]) + 1)
    if query.among:
        best = max(query.among, key=lambda i: (scores[i], i))
        out["among@1"] = float(best in query.evidence)
    return out


def average(rows: list[dict[str, float]]) -> dict[str, float]:
    """Means, each over the queries that have the figure."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}
