"""Readers of the benchmarks that the paper reports, as they are published, by file path.

Only LoCoMo comes with the public sets (data/evaluation.py); the others are read from where their owners put them:

    locomo          locomo10.json
    longmemeval     longmemeval_s.json or longmemeval_m.json
    realtalk        the folder of Chat_*.json; realtalk_turns: single turns as segments
    qasper          qasper-dev-v0.3.json or the like
    peerqa          the folder of papers.jsonl and qa.jsonl
    covidqa         COVID-QA.json, or a folder as for mldr
    mldr            a folder of corpus.jsonl, queries.jsonl, qrels.tsv, candidates.jsonl, as LMEB publishes its sets
    esg_reports     the same

PersonaMem and Persona-MME ask for a written answer: see choices.py and generation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from data.benchmarks import conversations, documents
from data.record import Record

BENCHMARKS: dict[str, Callable[[Path], Iterator[Record]]] = {
    "locomo": lambda path: conversations.locomo(path, "pair"),
    "locomo_single": lambda path: conversations.locomo(path, "turn"),
    "longmemeval": conversations.longmemeval,
    "realtalk": lambda path: conversations.realtalk(path, "pair"),
    "realtalk_turns": lambda path: conversations.realtalk(path, "turn"),
    "qasper": documents.qasper,
    "peerqa": documents.peerqa,
    "covidqa": documents.covidqa,
    "mldr": documents.lmeb,
    "esg_reports": documents.lmeb,
}
