"""Finished samples of the paper's three kinds of context: python -m data.samples --built DIR --out DIR [--count N]

    passages    a document's passages in order, between those of other documents that resemble its questions
    sessions    conversations over several sessions, natural or from templates
    fragments   pieces of both, interleaved; each keeps its own order

At most 12,000 tokens and 256 segments each. What verification.py doubts is dropped. Samples lie in shards of SHARD
records, {split}-{number}.jsonl: the same for the same data and seed, skipped when they are there; an interrupted
one is written again. datasheet.json counts them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

from data.mixture import Mixture
from data.readers import REGISTRY
from data.record import Record, read_records, write_records
from data.splits import Split
from data.templates import KINDS as TEMPLATES
from data.templates import generate
from data.verification import Verifier

Context = Literal["passages", "sessions", "fragments"]
CONTEXTS: tuple[Context, ...] = get_args(Context)
MAX_TOKENS = 12_000
MAX_SEGMENTS = 256
SHARD = 200
DEV_SHARE = 0.08
LENGTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256)
TEMPLATE_RATE = 0.6
HARD_DRAWS = 4
TRIES = 500
FRAGMENT = (2, 9)
_TOKEN = re.compile(r"\w+|[^\w\s]")

CountTokens = Callable[[str], int]


def estimated_tokens(text: str) -> int:
    """WordPiece tokens, over rather than under: a word has one for every six letters begun."""
    return sum((len(token) + 5) // 6 for token in _TOKEN.findall(text))


class Sampler:
    """Draws samples from a mixture and the templates, and keeps the queries that pass verification."""

    def __init__(self, mixture: Mixture, verifier: Verifier, count_tokens: CountTokens = estimated_tokens) -> None:
        self.mixture, self.verifier, self.count_tokens = mixture, verifier, count_tokens

    def draw(self, rng: random.Random, name: str) -> Record:
        """One sample with at least one query; its id is `{context}/{sources}/{name}`.

        Raises ValueError when none of TRIES has a query that passes verification."""
        context = rng.choice(CONTEXTS)
        for _ in range(TRIES):
            record, source = getattr(self, f"_{context}")(rng, rng.choice(LENGTHS))
            record = fit(rng, record, self.count_tokens)
            if record.queries:
                return Record(f"{context}/{source}/{name}", record.segments, record.queries).check()
        raise ValueError(f"no query of {TRIES} {context} passes verification")

    def _passages(self, rng: random.Random, length: int) -> tuple[Record, str]:
        record = self.mixture.sequence(rng, length, ("document",), HARD_DRAWS)
        return self.verifier.clean(record), _source(record)

    def _sessions(self, rng: random.Random, length: int) -> tuple[Record, str]:
        if rng.random() < TEMPLATE_RATE:
            kind = rng.choice(TEMPLATES)
            return generate(rng, length, self.mixture.small_talk(rng, 12), kind), f"template:{kind}"
        record = self.mixture.sequence(rng, length, ("dialogue", "state"), HARD_DRAWS)
        return self.verifier.clean(record, REGISTRY[_source(record)].kind == "state"), _source(record)

    def _fragments(self, rng: random.Random, length: int) -> tuple[Record, str]:
        half = max(LENGTHS[0], length // 2)
        drawn = [self._passages(rng, half), self._sessions(rng, half)]
        return interleave(rng, [record for record, _ in drawn]), "+".join(source for _, source in drawn)


def _source(record: Record) -> str:
    return record.id.split(":", 1)[0]


def interleave(rng: random.Random, records: list[Record]) -> Record:
    """The records cut into fragments that alternate at random; evidence follows its segments."""
    order: list[tuple[float, int, int]] = []
    for number, record in enumerate(records):
        ends, at = [0], 0
        while at < len(record.segments):
            at += rng.randint(*FRAGMENT)
            ends.append(min(at, len(record.segments)))
        places = sorted(rng.random() for _ in ends[1:])
        for place, start, end in zip(places, ends, ends[1:], strict=False):
            order += [(place, number, i) for i in range(start, end)]
    order.sort()
    moved = {(number, i): at for at, (_, number, i) in enumerate(order)}
    segments = [records[number].segments[i] for _, number, i in order]
    queries = [q.moved(lambda i, n=n: moved[n, i]) for n, record in enumerate(records) for q in record.queries]
    return Record("fragments", segments, queries)


def fit(rng: random.Random, record: Record, count_tokens: CountTokens = estimated_tokens) -> Record:
    """The record, or a window of it within MAX_TOKENS and MAX_SEGMENTS with the queries that lie inside."""
    sizes = [count_tokens(segment) for segment in record.segments]
    if len(sizes) <= MAX_SEGMENTS and sum(sizes) <= MAX_TOKENS:
        return record
    start = rng.choice([min(q.evidence) for q in record.queries] or [0])
    while start and sum(sizes[start:]) <= MAX_TOKENS and len(sizes) - start <= MAX_SEGMENTS:
        start -= 1
    end, total = start, 0
    while end < len(sizes) and end - start < MAX_SEGMENTS and total + sizes[end] <= MAX_TOKENS:
        total += sizes[end]
        end += 1
    inside = [q for q in record.queries if all(start <= i < end for i in q.indices)]
    return Record(record.id, record.segments[start:end], [q.moved((-start).__add__) for q in inside])


def write_samples(
    built: Path, out: Path, count: int, seed: int, verifier: Verifier, count_tokens: CountTokens = estimated_tokens
) -> dict:
    """Writes the shards that are missing, `count` training samples and DEV_SHARE as many for development.

    Returns the datasheet. Raises ValueError when the folder holds samples of another seed or count.
    """
    given = {"seed": seed, "count": count}
    manifest = out / "manifest.json"
    out.mkdir(parents=True, exist_ok=True)
    if manifest.exists() and (there := json.loads(manifest.read_text(encoding="utf-8"))) != given:
        raise ValueError(f"{out} holds samples of {there}, not of {given}")
    manifest.write_text(json.dumps(given) + "\n", encoding="utf-8")
    sheet: dict = {}
    for split, wanted in (("train", count), ("dev", max(1, round(count * DEV_SHARE)))):
        sampler = Sampler(Mixture.load(built, split), verifier, count_tokens)
        for number, start in enumerate(range(0, wanted, SHARD)):
            path = out / f"{split}-{number:05}.jsonl"
            if not path.exists():
                _write_shard(path, sampler, split, range(start, min(start + SHARD, wanted)), seed)
        sheet[split] = count_samples(out, split, count_tokens)
    datasheet = given | {"samples": sheet}
    (out / "datasheet.json").write_text(json.dumps(datasheet, indent=1) + "\n", encoding="utf-8")
    return datasheet


def _write_shard(path: Path, sampler: Sampler, split: Split, numbers: range, seed: int) -> None:
    """The shard and what verification dropped for it (.json), complete or not at all."""
    sampler.verifier.dropped.clear()
    sampler.verifier.kept = 0
    made = (sampler.draw(random.Random(f"{seed}/{split}/{number}"), str(number)) for number in numbers)
    write_records(path.with_suffix(".part"), made)
    verified = dict(sampler.verifier.dropped) | {"kept": sampler.verifier.kept}
    path.with_suffix(".json").write_text(json.dumps(verified) + "\n", encoding="utf-8")
    path.with_suffix(".part").replace(path)


def count_samples(out: Path, split: Split, count_tokens: CountTokens = estimated_tokens) -> dict:
    """Samples, segments, tokens and queries of a split; by context, source, question type and length."""
    counts: dict[str, Counter] = {key: Counter() for key in ("context", "source", "type", "segments", "tokens")}
    verified: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for path in sorted(out.glob(f"{split}-*.jsonl")):
        verified.update(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        for record in read_records(path):
            context, source, _ = record.id.split("/", 2)
            tokens = sum(map(count_tokens, record.segments))
            counts["context"][context] += 1
            counts["source"].update(source.split("+"))
            counts["type"].update(query.type or "plain" for query in record.queries)
            counts["segments"][f"<= {next(n for n in LENGTHS if len(record.segments) <= n)}"] += 1
            counts["tokens"][f"<= {-(-tokens // 2000) * 2000}"] += 1
            totals.update(samples=1, segments=len(record.segments), tokens=tokens, queries=len(record.queries))
    tables = {f"by_{key}": dict(counter.most_common()) for key, counter in counts.items()}
    return dict(totals) | tables | {"verification": dict(verified)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--built", type=Path, required=True, help="what data.build wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10_000, help="training samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--static", action="store_true", help="verify by static vectors too, not by words alone")
    arguments = parser.parse_args()
    similarity = None
    if arguments.static:
        from data.similarity import static_similarity

        similarity = static_similarity()
    sheet = write_samples(arguments.built, arguments.out, arguments.count, arguments.seed, Verifier(similarity))
    print(json.dumps(sheet, indent=1))
