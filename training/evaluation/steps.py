"""What the memory adds to a segment's score, by its place: is it more than a clock?"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from data.record import Record
from retrieval import Retrieval

BINS, SHORTEST = 15, 200


def step_study(retrieval: Retrieval, records: list[Record], kinds: tuple[str, ...] = ("first", "latest")) -> dict:
    """Mean of evolved minus static scores of all segments, over queries of a kind in long conversations.

    By BINS places from the first segment to the last; and apart for the segments that compete, where a memory
    should differ from the clock that all segments share.
    """
    long = [r for r in records if len(r.segments) >= SHORTEST and any(q.type in kinds for q in r.queries)]
    sums: dict[str, dict[str, np.ndarray]] = defaultdict(
        lambda: {over: np.zeros((2, BINS)) for over in ("all", "among")}
    )
    for record, told in zip(long, retrieval.scores(long), strict=True):
        added = told["evolved vectors"] - told["static"]
        place = np.arange(len(record.segments)) * BINS // len(record.segments)
        for query, row in zip(record.queries, added, strict=True):
            if query.type not in kinds:
                continue
            among = np.isin(np.arange(len(row)), query.among or [])
            for over, chosen in (("all", ~among), ("among", among)):
                sums[query.type][over][0] += np.bincount(place[chosen], row[chosen], BINS)
                sums[query.type][over][1] += np.bincount(place[chosen], minlength=BINS)
    return {
        "conversations": len(long),
        "kinds": {
            kind: {
                over: [float(total / count) if count else None for total, count in table.T]
                for over, table in found.items()
            }
            for kind, found in sorted(sums.items())
        },
    }
