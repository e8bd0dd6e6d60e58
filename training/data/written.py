"""Queries written by a language model over given contexts, verified like all others:

    python -m data.written --contexts RECORDS.jsonl --out FILE.jsonl --url http://localhost:8000/v1 --model NAME

Each record of the contexts (data.samples makes some) gets new queries; its own are left out. Answers that are not
exactly the JSON asked for are asked for again, with what was wrong. Goes on where an earlier run stopped: records
that FILE holds, or that gave nothing (FILE.empty), are not asked for again.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from data.endpoint import Endpoint, EndpointError
from data.evaluation import all_sets
from data.leakage import Leakage
from data.question_types import QUESTION_TYPES
from data.record import Query, Record, RecordError, read_records
from data.verification import Verifier

MOST = 6
PARSE_ATTEMPTS = 3
SYSTEM = """You write questions for training a search model. You get the numbered segments of one context, in the order they were read.
Write questions that can be answered from these segments alone, in the language of the context. Rules:
- "evidence": the numbers of exactly those segments that answer the question. No other segment may answer it.
- "answer": short, in the words of the evidence.
- Do not repeat the wording of the evidence in the question.
Answer with one JSON object and nothing else: {"queries": [{"text": "...", "evidence": [3], "answer": "...", "type": "..."}]}"""


class AnswerError(ValueError):
    """An answer that is not the JSON asked for; the message says what is wrong."""


def prompt(record: Record, kinds: list[str], count: int) -> str:
    segments = "\n".join(f"[{i}] {segment}" for i, segment in enumerate(record.segments))
    wanted = "\n".join(f"- {kind}: {QUESTION_TYPES[kind]}" for kind in kinds)
    return f"{segments}\n\nWrite up to {count} questions of these types, where the context has any:\n{wanted}"


def parse(answer: str, record: Record) -> list[Query]:
    """The queries of an answer. Raises AnswerError unless it is one JSON object of just the form asked for."""
    try:
        found = json.loads(answer)
    except ValueError as error:
        raise AnswerError(f"not JSON: {error}") from error
    if not isinstance(found, dict) or list(found) != ["queries"] or not isinstance(found["queries"], list):
        raise AnswerError('not an object with "queries" alone')
    return [_query(item, record) for item in found["queries"]]


def _query(item: Any, record: Record) -> Query:
    if not isinstance(item, dict) or set(item) != {"text", "evidence", "answer", "type"}:
        raise AnswerError(f"a query must have text, evidence, answer, type: {str(item)[:100]}")
    if item["type"] not in QUESTION_TYPES:
        raise AnswerError(f"type {item['type']!r} is not one of {', '.join(QUESTION_TYPES)}")
    if not all(isinstance(item[key], str) and item[key].strip() for key in ("text", "answer")):
        raise AnswerError("text and answer must be texts")
    evidence = item["evidence"]
    if not isinstance(evidence, list) or any(type(i) is not int for i in evidence):
        raise AnswerError("evidence must be a list of segment numbers")
    query = Query(item["text"].strip(), sorted(set(evidence)), item["answer"].strip(), item["type"])
    try:
        Record(record.id, record.segments, [query]).check()
    except RecordError as error:
        raise AnswerError(str(error)) from error
    return query


class Writer:
    """Asks an endpoint for queries and verifies them; `counts` says what became of the answers."""

    def __init__(self, endpoint: Endpoint, seed: int = 0, leakage: Leakage | None = None) -> None:
        self.endpoint, self.seed, self.leakage = endpoint, seed, leakage
        self.counts: Counter[str] = Counter()
        self._lock = Lock()

    def write(self, record: Record) -> Record:
        """The record with new queries, maybe none. Raises EndpointError when the endpoint does not answer."""
        rng = random.Random(f"{self.seed}/{record.id}")
        kinds = rng.sample(list(QUESTION_TYPES), MOST)
        asked = prompt(record, kinds, MOST)
        queries: list[Query] = []
        wrong = ""
        for attempt in range(PARSE_ATTEMPTS):
            answer = self.endpoint.complete(SYSTEM, asked + wrong, rng.getrandbits(31) + attempt)
            try:
                queries = parse(answer, record)
                break
            except AnswerError as error:
                self._count({"malformed": 1})
                wrong = f"\n\nYour last answer could not be used: {error}. Answer with the JSON object alone."
        verifier = Verifier()
        written = verifier.clean(Record(record.id, record.segments, queries))
        if self.leakage:
            written.queries = [query for query in written.queries if not self.leakage.asks_the_same(query.text)]
        self._count(verifier.dropped + Counter(query.type for query in written.queries))
        return written

    def _count(self, found: Mapping[str, int]) -> None:
        with self._lock:
            self.counts.update(found)


def write_all(contexts: Path, out: Path, writer: Writer, workers: int = 4) -> int:
    """Appends a line for each context that is not there yet; returns how many were added.

    Raises EndpointError when the endpoint fails; what was finished by then is kept.
    """
    empty = out.with_name(f"{out.name}.empty")
    _drop_torn_line(out)
    _drop_torn_line(empty)
    done = {record.id for record in read_records(out)} if out.exists() else set()
    done |= set(empty.read_text(encoding="utf-8").splitlines()) if empty.exists() else set()
    waiting = (record for record in read_records(contexts) if record.id not in done)
    added = 0
    with open(out, "a", encoding="utf-8") as lines, open(empty, "a", encoding="utf-8") as nothing:
        for record in _in_order(writer, waiting, workers):
            target, line = (lines, record.to_json()) if record.queries else (nothing, record.id)
            target.write(line + "\n")
            target.flush()
            added += bool(record.queries)
    return added


def _in_order(writer: Writer, records: Iterator[Record], workers: int) -> Iterator[Record]:
    """Several at a time, a batch of four for each worker, in the order they came."""
    with ThreadPoolExecutor(workers) as pool:
        while batch := [record for _, record in zip(range(4 * workers), records, strict=False)]:
            yield from pool.map(writer.write, batch)


def _drop_torn_line(path: Path) -> None:
    """Cuts off what an interrupted run left behind the last line end."""
    if path.exists():
        text = path.read_bytes()
        path.write_bytes(text[: text.rfind(b"\n") + 1])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contexts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--url", required=True, help="up to /v1")
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, help="folder of the public data sets: questions of an evaluation set are dropped")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=4)
    given = parser.parse_args(arguments)
    leakage = Leakage(all_sets(given.data)) if given.data else None
    writer = Writer(Endpoint(given.url, given.model), given.seed, leakage)
    try:
        added = write_all(given.contexts, given.out, writer, given.workers)
    except EndpointError as error:
        print(f"{error}; start again to go on")
        return 1
    print(f"{given.out}: {added} records added; {dict(writer.counts)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
