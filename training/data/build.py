"""Builds the training data: python -m data.build --data <public data> --out <folder> [--seed N] [--samples N]

Writes <source>.{train,dev}.jsonl and background.{train,dev}.jsonl, without what overlaps evaluation data and what
verification.py doubts, and datasheet.json with the counts. Sources whose folder is missing are named and left out.
Started again after an interruption, it goes on with the source it was at. With --samples, samples.py writes as many
finished samples into <folder>/samples.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.background import BACKGROUND, read_background
from data.evaluation import all_sets
from data.leakage import Leakage, LeakageCount
from data.readers import REGISTRY
from data.record import Record, read_records, write_records
from data.samples import write_samples
from data.splits import SPLITS, Split, document_of, split_of
from data.verification import Verifier

Row = dict[str, str | int | float]


def build(data: Path, out: Path, seed: int = 0) -> tuple[list[Row], list[str]]:
    """Writes all files; returns the datasheet's rows and the names of the sources that are missing."""
    leakage = Leakage(all_sets(data))
    done = _Progress(out, seed)
    missing: list[str] = []
    for name, source in REGISTRY.items():
        if not (data / source.folder).is_dir():
            missing.append(name)
        elif name not in done.rows:
            verifier = Verifier()
            records, leaked = leakage.clean(record.check() for record in source.read(data / source.folder))
            records = [verifier.clean(record, source.kind == "state") for record in records]
            done.add(name, _write(out, name, (records, leaked), seed, verifier.dropped))
    if "background" not in done.rows:
        done.add("background", _write(out, "background", _background(data, leakage), seed))
    missing += [name for name in BACKGROUND if not (data / name).is_dir()]
    rows = [row for rows in done.rows.values() for row in rows]
    datasheet = {"seed": seed, "missing": missing, "sources": rows, "types": _types(out, list(done.rows))}
    (out / "datasheet.json").write_text(json.dumps(datasheet, indent=1) + "\n", encoding="utf-8")
    return rows, missing


class _Progress:
    """The rows of the sources that are written, kept in progress.json so that a later run goes on from there."""

    def __init__(self, out: Path, seed: int) -> None:
        self._path, self._seed = out / "progress.json", seed
        self.rows: dict[str, list[Row]] = {}
        if self._path.exists():
            there = json.loads(self._path.read_text(encoding="utf-8"))
            self.rows = there["rows"] if there["seed"] == seed else {}

    def add(self, name: str, rows: list[Row]) -> None:
        self.rows[name] = rows
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"seed": self._seed, "rows": self.rows}), encoding="utf-8")
        part.replace(self._path)


def _background(data: Path, leakage: Leakage) -> tuple[list[Record], LeakageCount]:
    kept: list[Record] = []
    dropped = LeakageCount()
    for name in BACKGROUND:
        if (data / name).is_dir():
            records, count = leakage.clean(record.check() for record in read_background(data, name))
            kept += records
            dropped = dropped.plus(count)
    return kept, dropped


def _types(out: Path, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Training queries of each source by type."""
    return {
        name: dict(Counter(q.type or "plain" for r in read_records(out / f"{name}.train.jsonl") for q in r.queries))
        for name in names
    }


def _write(
    out: Path, name: str, cleaned: tuple[list[Record], LeakageCount], seed: int, dropped: Mapping[str, int] | None = None
) -> list[Row]:
    """Writes a source's splits, each in an order that the seed decides and the other has no part in; returns a row for each."""
    records, leaked = cleaned
    rows = []
    for split in SPLITS:
        own = [record for record in records if split_of(record.id) == split]
        random.Random(f"{seed}/{name}/{split}").shuffle(own)
        write_records(out / f"{name}.{split}.jsonl", own)
        rows.append(_count(name, split, own))
    rows[0] |= {"leaked_segments": leaked.segments, "leaked_documents": leaked.documents}
    rows[0] |= {"leaked_queries": leaked.queries} | dict(dropped or {})
    return rows


def _count(name: str, split: Split, records: list[Record]) -> Row:
    segments = [segment for record in records for segment in record.segments]
    queries = [query for record in records for query in record.queries]
    return {
        "source": name,
        "split": split,
        "documents": len({document_of(record.id) for record in records}),
        "records": len(records),
        "segments": len(segments),
        "queries": len(queries),
        "words_a_segment": round(_mean(len(segment.split()) for segment in segments), 1),
        "words_a_query": round(_mean(len(query.text.split()) for query in queries), 1),
        "evidence_a_query": round(_mean(len(query.evidence) for query in queries), 2),
    }


def _mean(values: Iterable[int]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def _print(rows: list[Row], missing: list[str]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = [columns, *([str(row.get(column, "")) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(columns))]
    for line in table:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
    for name in missing:
        print(f"missing: {name}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="order of the records within each file")
    parser.add_argument("--samples", type=int, default=0, help="how many finished samples to write")
    given = parser.parse_args()
    _print(*build(given.data, given.out, given.seed))
    if given.samples:
        write_samples(given.out, given.out / "samples", given.samples, given.seed, Verifier())
