"""Builds the training data: python -m data.build --data <public data> --out <folder> [--seed N]

Writes <source>.{train,dev}.jsonl and background.{train,dev}.jsonl, without what overlaps evaluation data, and
datasheet.json with the counts. Sources whose folder is missing are named and left out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path

from data.background import BACKGROUND, read_background
from data.evaluation import all_sets
from data.leakage import Leakage, LeakageCount
from data.readers import REGISTRY
from data.record import Record, write_records
from data.splits import SPLITS, Split, document_of, split_of

Row = dict[str, str | int | float]


def build(data: Path, out: Path, seed: int = 0) -> tuple[list[Row], list[str]]:
    """Writes all files; returns the datasheet's rows and the names of the sources that are missing."""
    leakage = Leakage(all_sets(data))
    rows: list[Row] = []
    missing: list[str] = []
    for name, source in REGISTRY.items():
        if (data / source.folder).is_dir():
            records = (record.check() for record in source.read(data / source.folder))
            rows += _write(out, name, leakage.clean(records), seed)
        else:
            missing.append(name)
    kept: list[Record] = []
    dropped = LeakageCount()
    for name in BACKGROUND:
        if (data / name).is_dir():
            records, count = leakage.clean(record.check() for record in read_background(data, name))
            kept += records
            dropped = dropped.plus(count)
        else:
            missing.append(name)
    rows += _write(out, "background", (kept, dropped), seed)
    datasheet = {"seed": seed, "missing": missing, "sources": rows}
    (out / "datasheet.json").write_text(json.dumps(datasheet, indent=1) + "\n", encoding="utf-8")
    return rows, missing


def _write(out: Path, name: str, cleaned: tuple[list[Record], LeakageCount], seed: int) -> list[Row]:
    """Writes a source's splits, in an order that the seed decides; returns a row for each split."""
    records, leaked = cleaned
    random.Random(f"{seed}/{name}").shuffle(records)
    rows = []
    for split in SPLITS:
        own = [record for record in records if split_of(record.id) == split]
        write_records(out / f"{name}.{split}.jsonl", own)
        rows.append(_count(name, split, own))
    rows[0] |= {"leaked_segments": leaked.segments, "leaked_documents": leaked.documents}
    rows[0] |= {"leaked_queries": leaked.queries}
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
    columns = list(max(rows, key=len))
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
    given = parser.parse_args()
    _print(*build(given.data, given.out, given.seed))
