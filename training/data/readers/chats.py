"""Chats of two people over months, written for this project (data/chats/*.txt), with questions about what they said.

    Nora & Idris
    == 14 March 2022, 7:40 pm
    Nora: We adopted a puppy! He answers to Biscuit, at least when there is food. {dog1}
    ? What did Nora call her new pet? = Biscuit
    Idris: Can I come and see him on Sunday?
    Nora: Sure, right after lunch.
    ?r When may Idris visit the puppy? = after lunch
    == questions
    latest | By what name does the dog go in the end? = Waffle | dog2 | dog1 dog2

`? question = answer` asks about the turn before it, `?r` where that turn only replies or refers. {tags} name turns for the
questions at the end: `type | question = answer | evidence | rivals` (the rivals may be left out). The lines of sessions
say when they took place; the mixture dates them afresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from data.question_types import QUESTION_TYPES
from data.record import Query, Record
from data.text import says

_TAGS = re.compile(r"\{([\w-]+)\}")


class ChatError(ValueError):
    """A chat that is not in the format; the message names the line."""


def read(folder: Path) -> Iterator[Record]:
    """One record a chat: turns as segments. Raises ChatError."""
    for path in sorted(folder.glob("*.txt")):
        try:
            yield parse(path.stem, path.read_text(encoding="utf-8"))
        except ChatError as error:
            raise ChatError(f"{path}: {error}") from error


def parse(name: str, text: str) -> Record:
    lines = [line.strip() for line in text.strip().split("\n")]
    people = [person.strip() for person in lines[0].split("&")]
    record, places, asking = Record(f"chats/{name}", []), {}, False
    for number, line in enumerate(lines[1:], 2):
        try:
            if line.startswith("=="):
                asking = line.strip("= ").lower() == "questions"
            elif line and asking:
                record.queries.append(_late(line, places))
            elif line.startswith("?"):
                record.queries.append(_query(line.removeprefix("?r").removeprefix("?"), [len(record.segments) - 1]))
                record.queries[-1].type = "reference" if line.startswith("?r") else "plain"
                if not record.segments:
                    raise ChatError("no turn before it")
            elif line:
                speaker, colon, said = line.partition(": ")
                if not colon or speaker not in people:
                    raise ChatError(f"no turn of {' or '.join(people)}, question or session")
                for tag in _TAGS.findall(said):
                    if tag in places:
                        raise ChatError(f"a second {{{tag}}}")
                    places[tag] = len(record.segments)
                record.segments.append(says(speaker, " ".join(_TAGS.sub("", said).split())))
        except ChatError as error:
            raise ChatError(f"line {number}: {error}: {line[:60]!r}") from error
    return record.check()


def _query(asked: str, evidence: list[int]) -> Query:
    text, equals, answer = (part.strip() for part in asked.rpartition(" = "))
    if not (text and equals and answer):
        raise ChatError("not `question = answer`")
    return Query(text, evidence, answer)


def _late(line: str, places: dict[str, int]) -> Query:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) not in (3, 4) or parts[0] not in QUESTION_TYPES:
        raise ChatError(f"not `type | question = answer | evidence | rivals` with a type of {', '.join(QUESTION_TYPES)}")
    for tag in " ".join(parts[2:]).split():
        if tag not in places:
            raise ChatError(f"no turn has {{{tag}}}")
    evidence, *rivals = ([places[tag] for tag in part.split()] for part in parts[2:])
    query = _query(parts[1], sorted(evidence))
    query.type = parts[0]
    query.among = sorted({*evidence, *rivals[0]}) if rivals else None
    return query
