"""The paper's training format (MiG-NJU/EvoEmbedding, README "Data Structure"), from and to records.

    python -m data.reference to   RECORDS.jsonl INSTANCES.jsonl
    python -m data.reference from INSTANCES.jsonl RECORDS.jsonl

An instance is one query: `meta.turns` are the segments and then the query, `meta.evidence_turns` its evidence, the
last of `messages` the answer. What a record has besides (its id, and BESIDES of a query) goes into `meta` too, so that
nothing is lost; instances of one id become one record again.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from data.archive import parse_lines
from data.record import Query, Record, RecordError, read_records, write_records

BESIDES = ("type", "among", "anchor", "templated")
"""What a query has that the reference's format does not know."""
NOTED = "Noted."
"""What the assistant says to a segment that holds no reply."""
_EXCHANGE = re.compile(r"User: (.*)\nAssistant: (.*)", re.DOTALL)


def instances(record: Record) -> Iterator[dict[str, Any]]:
    """One for each query; queries without an answer get an empty one."""
    context = [message for segment in record.segments for message in _messages(segment)]
    for query in record.queries:
        asked = [{"role": "user", "content": query.text}, {"role": "assistant", "content": query.answer or ""}]
        meta: dict[str, Any] = {
            "turns": [*record.segments, query.text],
            "evidence_turns": query.evidence,
            "id": record.id,
        }
        meta |= {key: value for key, value in query.to_dict().items() if key in BESIDES}
        yield {"messages": [*context, *asked], "meta": meta}


def _messages(segment: str) -> list[dict[str, str]]:
    exchange = _EXCHANGE.fullmatch(segment)
    said, reply = exchange.groups() if exchange else (segment, NOTED)
    return [{"role": "user", "content": said}, {"role": "assistant", "content": reply}]


def records(found: Iterable[tuple[str, Any]]) -> Iterator[Record]:
    """From instances with the place each stands at; consecutive ones of one `meta.id` and the same turns are one.

    Raises RecordError with the place of an instance that is not one.
    """
    current: Record | None = None
    for place, instance in found:
        record = _record(place, instance)
        if current and (current.id, current.segments) == (record.id, record.segments):
            current.queries += record.queries
            continue
        if current:
            yield current
        current = record
    if current:
        yield current


def _record(place: str, instance: Any) -> Record:
    try:
        meta, messages = instance["meta"], instance.get("messages") or []
        turns = meta["turns"]
        if not isinstance(turns, list) or len(turns) < 2:
            raise RecordError("meta.turns must be a list of texts, the last of them the query")
        last = messages[-1] if messages else {}
        answer = last.get("content") or None if last.get("role") == "assistant" else None
        besides = {key: meta[key] for key in BESIDES if meta.get(key) is not None}
        query = Query(turns[-1], meta["evidence_turns"], answer, **besides)
        return Record(str(meta.get("id") or place), turns[:-1], [query]).check()
    except (RecordError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"{place}: {error}") from error


def read_instances(path: Path) -> Iterator[tuple[str, Any]]:
    """Instances of a JSON list or JSON lines, each with its place."""
    text = Path(path).read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        yield from ((f"{path}[{i}]", instance) for i, instance in enumerate(json.loads(text)))
    else:
        yield from ((f"{path.name}:{i}", instance) for i, instance in enumerate(parse_lines(text, str(path)), 1))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("direction", choices=("to", "from"))
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args(arguments)
    if given.direction == "from":
        count = write_records(given.target, records(read_instances(given.source)))
    else:
        count = 0
        with open(given.target, "w", encoding="utf-8") as out:
            for instance in (one for record in read_records(given.source) for one in instances(record)):
                out.write(json.dumps(instance, ensure_ascii=False) + "\n")
                count += 1
    print(f"{given.target}: {count}")


if __name__ == "__main__":
    main()
