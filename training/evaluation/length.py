"""Recall from the trained length to ten times that: the same questions, with more and more around them."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from batch import LENGTHS
from data.development import natural
from data.record import Query, Record, read_records
from evaluation.intervals import interval
from evaluation.systems import System
from metrics import evidence_ranks

TRAINED = max(LENGTHS)
FACTORS = (1, 2, 5, 10)
RECORDS, TOP = 24, 10
SHOWN = ("BM25", "control: static", "control: clock", "control: neighbours", "static", "late interaction", "evolved", "hybrid", "hybrid reranked")


def extended(record: Record, background: list[Record], length: int, rng: random.Random) -> tuple[Record, int]:
    """The record somewhere in a stream of background conversations, `length` segments in all; and where it starts."""
    room = max(0, length - len(record.segments))
    stream: list[str] = []
    while len(stream) < room:
        stream += rng.choice(background).segments
    start = rng.randint(0, room)
    stream = stream[:room]
    queries = [Query(q.text, [e + start for e in q.evidence], type=q.type) for q in record.queries]
    return replace(record, segments=[*stream[:start], *record.segments, *stream[start:]], queries=queries), start


def length_study(systems: list[System], built: Path, seed: int) -> dict:
    """Recall@10 of development questions over everything read, and over their own sequence's segments alone.

    The first falls for every system, as there is more to confuse; the second falls only where vectors suffer from
    what was read besides.
    """
    rng = random.Random(f"length/{seed}")
    pool = rng.sample(list(read_records(built / "background.dev.jsonl")), 120)
    records = natural(built, seed, RECORDS, TRAINED)
    rows = []
    for factor in reversed(FACTORS):  # the longest first: its texts are those of the others, mostly
        placed = [extended(record, pool, factor * TRAINED, rng) for record in records]
        long = [record for record, _ in placed]
        told: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"all": [], "own": []})
        for (record, start), original, *parts in zip(placed, records, *(s.scores(long) for s in systems), strict=True):
            own = slice(start, start + len(original.segments))
            for name, scores in ((n, s) for part in parts for n, s in part.items() if n in SHOWN):
                for row, query, near in zip(scores, record.queries, original.queries, strict=True):
                    told[name]["all"].append(_recall(row, query.evidence))
                    told[name]["own"].append(_recall(row[own], near.evidence))
        rows.append(
            {
                "segments": factor * TRAINED,
                "queries": len(told["BM25"]["all"]),
                "systems": {
                    name: {
                        over: [float(np.mean(hits)), *interval(np.array(hits), seed)] for over, hits in found.items()
                    }
                    for name, found in told.items()
                },
            }
        )
    return {"trained": TRAINED, "records": len(records), "lengths": rows[::-1]}


def _recall(scores: np.ndarray, evidence: list[int]) -> float:
    return float((evidence_ranks(scores, evidence) < TOP).mean())
