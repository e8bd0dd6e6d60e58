"""Every system on one set, query by query in the same order, and what is told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from data.record import Record
from evaluation.intervals import interval
from evaluation.systems import Scores, System
from lexical import fuse
from metrics import evidence_ranks, measure

METRICS = ("recall@1", "recall@5", "recall@10", "ndcg@10", "mrr", "among@1")
DIFFERENCES = ("recall@1", "recall@5", "recall@10", "among@1")
FUSED = " + BM25"


@dataclass
class Measured:
    """Q queries of R records."""

    types: np.ndarray  # [Q]
    records: np.ndarray  # [Q], which record a query is of
    figures: dict[str, dict[str, np.ndarray]]  # system -> metric -> [Q], NaN where a query has none
    evidence_query: np.ndarray  # [E], which query an evidence segment is of
    evidence_age: np.ndarray  # [E], segments read after it until the query
    evidence_rank: dict[str, np.ndarray]  # system -> [E]

    def where(self, chosen: np.ndarray) -> Measured:
        """The queries that chosen [Q] marks."""
        evidence = chosen[self.evidence_query]
        number = np.cumsum(chosen) - 1
        return Measured(
            self.types[chosen],
            self.records[chosen],
            {s: {m: v[chosen] for m, v in told.items()} for s, told in self.figures.items()},
            number[self.evidence_query[evidence]],
            self.evidence_age[evidence],
            {s: ranks[evidence] for s, ranks in self.evidence_rank.items()},
        )

    def summary(self, seed: int) -> dict:
        """Means with intervals over queries, all and by type."""
        return {
            "queries": len(self.types),
            "conversations": len(set(self.records.tolist())),
            "systems": {
                system: {
                    **self._means(told, seed),
                    "types": {
                        kind: {
                            "queries": int((self.types == kind).sum()),
                            **self._means({m: v[self.types == kind] for m, v in told.items()}, seed),
                        }
                        for kind in sorted(set(self.types.tolist()))
                    },
                }
                for system, told in self.figures.items()
            },
        }

    @staticmethod
    def _means(told: dict[str, np.ndarray], seed: int) -> dict[str, list[float]]:
        """metric -> mean, low, high."""
        out = {}
        for metric, values in told.items():
            values = values[~np.isnan(values)]
            if len(values):
                out[metric] = [float(values.mean()), *interval(values, seed)]
        return out

    def difference(self, system: str, controls: Iterable[str], metric: str, seed: int) -> dict | None:
        """The system minus the control that is best here by the metric, paired by query.

        Its interval is over queries; `conversations` over whole records. None where no query has the metric.
        """
        ours = self.figures[system][metric]
        told = ~np.isnan(ours)
        theirs = {name: self.figures[name][metric][told] for name in controls if name in self.figures}
        if not told.any() or not theirs:
            return None
        best = max(theirs, key=lambda name: theirs[name].mean())
        gain = ours[told] - theirs[best]
        return {
            "against": best,
            "difference": [float(gain.mean()), *interval(gain, seed)],
            "conversations": list(interval(gain, seed, self.records[told])),
        }

    def by_age(self, system: str, bins: list[int], k: int = 10) -> list[dict]:
        """Share of evidence segments among the top k, by how many segments were read after them."""
        hit = self.evidence_rank[system] < k
        place = np.digitize(self.evidence_age, bins)
        return [
            {"from": ([0, *bins])[b], "evidence": int((place == b).sum()), "recall": float(hit[place == b].mean())}
            for b in range(len(bins) + 1)
            if (place == b).any()
        ]


def run(
    records: list[Record], systems: list[System], fused: Callable[[str], bool], lexical_weight: float
) -> Measured:
    """All systems over all queries; those that `fused` names also with BM25 added, as hybrid mode does."""
    types, numbers, ages, owners = [], [], [], []
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    ranks: dict[str, list[np.ndarray]] = defaultdict(list)
    asked = [record for record in records if record.queries]
    for number, (record, *told) in enumerate(
        zip(asked, *(system.scores(asked) for system in systems), strict=True)
    ):
        scores: Scores = {name: s for part in told for name, s in part.items()}
        for name in [name for name in scores if fused(name)]:
            scores[name + FUSED] = fuse(scores[name], scores["BM25 in context"], lexical_weight)
        for i, query in enumerate(record.queries):
            evidence = sorted(set(query.evidence))
            owners += [len(types)] * len(evidence)
            ages += [len(record.segments) - 1 - e for e in evidence]
            types.append(query.type or "all")
            numbers.append(number)
            for name, rows in scores.items():
                figures[name].append(measure(rows[i], query))
                ranks[name].append(evidence_ranks(rows[i], evidence))
    return Measured(
        np.array(types),
        np.array(numbers),
        {
            name: {metric: np.array([row.get(metric, np.nan) for row in rows]) for metric in METRICS}
            for name, rows in figures.items()
        },
        np.array(owners),
        np.array(ages),
        {name: np.concatenate(found) for name, found in ranks.items()},
    )
