"""Endless training sequences, put together afresh from built data (data/build.py).

A sequence is a few documents and conversations after each other, long ones as windows, with background
conversations between them. Its queries are those whose evidence, and all that competes with it, lies inside.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from data.background import BACKGROUND
from data.readers import REGISTRY, Kind
from data.record import Query, Record, read_records
from data.splits import Split, document_of
from data.text import content_words

KINDS: tuple[Kind, ...] = ("dialogue", "document", "state")
MAX_QUERIES = 8
MIN_PART = 3
PAIRS_RATE = 0.3
DATES_RATE: dict[Kind, float] = {"dialogue": 0.45, "document": 0.2, "state": 0.2}
BACKGROUND_RATE: dict[Kind, float] = {"dialogue": 0.4, "document": 0.15, "state": 0.5}
SAME_SOURCE_RATE = 0.6

_SPEAKER = re.compile(r"^[^:\n]{1,30}: ")


@dataclass(frozen=True, slots=True)
class Share:
    """How often a source leads a sequence. Of one family, at most one record is in a sequence: its questions
    would mean another record's facts as well. Without a family, records of the source may stand together."""

    weight: float
    family: str | None = None


SHARES: dict[str, Share] = {
    "chats": Share(5.0),
    "friendsqa": Share(1.5),
    "molweni": Share(0.6),
    "qmsum": Share(1.2),
    "fairytaleqa": Share(1.5),
    "multirc": Share(0.8),
    "fever": Share(0.8),
    "selqa": Share(0.8),
    "timeqa": Share(0.8),
    "hotpotqa_500": Share(0.4),
    "policyqa": Share(0.3, "policy"),
    "evidence_inference": Share(0.4, "trial"),
    "crd3": Share(1.0),
    "sgd": Share(1.6, "booking"),
    "woz2": Share(0.4, "booking"),
    "memorycode": Share(0.8, "mentor"),
    "babi": Share(0.5, "babi"),
    "openpi": Share(0.4, "process"),
    "propara": Share(0.4, "process"),
}
BACKGROUND_SHARES: dict[str, Share] = {
    "topical_chat": Share(0.5),
    "star": Share(0.2, "booking"),
    "irc_ubuntu": Share(0.2),
    "taskmaster4": Share(0.1, "booking"),
}
DATE_FORMATS = (
    "{d:%I:%M} {noon} on {d.day} {d:%B}, {d.year}",
    "{d:%Y-%m-%d}",
    "{d:%Y-%m-%d %H:%M}",
    "{d.day} {d:%B} {d.year}",
    "{d:%a}, {d:%b} {d.day} {d.year} {d:%H:%M}",
    "[{d:%d/%m/%Y, %H:%M}]",
    "{d:%B} {d.day}, {d.year}",
)


Weave = Callable[[random.Random, list[str]], tuple[Record, list[int]]]
"""Tells other things between segments: a record with queries about these alone, and where each segment went."""


@dataclass(slots=True)
class Part:
    """A session of a sequence: segments that stay together, and the queries about them (local indices)."""

    source: str
    document: str
    kind: Kind
    segments: list[str]
    queries: list[Query]


class Mixture:
    """Sources in memory, drawn from by weight."""

    def __init__(self, labelled: dict[str, list[Record]], background: dict[str, list[Record]]) -> None:
        """Records by source; raises ValueError when no labelled source holds a query."""
        self._labelled = {name: [r for r in records if r.queries] for name, records in labelled.items()}
        self._labelled = {name: records for name, records in self._labelled.items() if records}
        self._background = {name: records for name, records in background.items() if records}
        if not self._labelled:
            raise ValueError("no source with queries")

    @staticmethod
    def load(built: Path, split: Split) -> Mixture:
        """What data/build.py wrote for a split; sources that were not built are left out.

        Raises ValueError when nothing was built, RecordError on a damaged file.
        """
        background: dict[str, list[Record]] = {name: [] for name in BACKGROUND}
        path = Path(built) / f"background.{split}.jsonl"
        for record in read_records(path) if path.exists() else ():
            background[record.id.split("/", 1)[0]].append(record)
        paths = {name: Path(built) / f"{name}.{split}.jsonl" for name in REGISTRY}
        return Mixture({n: list(read_records(p)) for n, p in paths.items() if p.exists()}, background)

    @property
    def sources(self) -> dict[str, int]:
        """The labelled sources and how many records each holds."""
        return {name: len(records) for name, records in self._labelled.items()}

    def sequence(
        self,
        rng: random.Random,
        length: int,
        kinds: Collection[Kind] = KINDS,
        draws: int = 1,
        weave: Weave | None = None,
        most: int = MAX_QUERIES,
    ) -> Record:
        """A record of at most `length` segments (about as many, at least MIN_PART) and 1 to `most` queries.

        Its id names the source that leads it. Depends on the state of `rng` alone. Sources are of the `kinds`
        given, background conversations only where dialogues are; raises ValueError when no source is. What stands
        beside the leading part is the nearest to its questions of `draws`: with several, hard negatives. `weave` tells
        other things between the segments, and asks about them too.
        """
        pairs = rng.random() < PAIRS_RATE
        names = [name for name in self._labelled if REGISTRY[name].kind in kinds]
        if not names:
            raise ValueError(f"no source of {sorted(kinds)}")
        weights = [SHARES[name].weight for name in names]
        lead = None
        while lead is None or not lead.queries:
            lead = self._labelled_part(rng, rng.choices(names, weights)[0], length, pairs)
        parts = self._fill(rng, lead, length, pairs, kinds, draws)
        rng.shuffle(parts)
        segments: list[str] = []
        queries: list[Query] = []
        starts: set[int] = set()
        for part in parts:
            starts.add(len(segments))
            queries += [query.moved(len(segments).__add__) for query in part.queries]
            segments += part.segments
        chosen = rng.sample(queries, min(len(queries), most))
        if weave:
            woven, moved = weave(rng, segments)
            segments, starts = woven.segments, _session_starts(starts, moved)
            chosen = [query.moved(moved.__getitem__) for query in chosen] + woven.queries
        if rng.random() < DATES_RATE[lead.kind]:
            _add_dates(rng, segments, starts)
        return Record(f"{lead.source}:{lead.document}", segments, chosen).check()

    def questions(self, rng: random.Random, count: int) -> list[Query]:
        """Questions, each of a source drawn by weight; their indices are those of records that are not returned."""
        names = rng.choices(list(self._labelled), [SHARES[name].weight for name in self._labelled], k=count)
        return [rng.choice(rng.choice(self._labelled[name]).queries) for name in names]

    def small_talk(self, rng: random.Random, count: int) -> list[list[str]]:
        """Up to `count` background conversations of one source, as turns without their speakers; none where none were built."""
        if not self._background:
            return []
        records = self._background[_draw(rng, self._background, BACKGROUND_SHARES, set())]
        drawn = rng.sample(records, min(count, len(records)))
        return [[_SPEAKER.sub("", turn) for turn in record.segments] for record in drawn]

    def _fill(
        self, rng: random.Random, lead: Part, length: int, pairs: bool, kinds: Collection[Kind], draws: int
    ) -> list[Part]:
        """The leading part and others that fit beside it, until `length` segments are nearly reached."""
        parts, room = [lead], length - len(lead.segments)
        documents = {lead.document}
        families = {SHARES[lead.source].family} - {None}
        refused = 0
        while room >= MIN_PART and refused < 20:
            drawn = [self._other_part(rng, lead, room, pairs, families, kinds) for _ in range(draws)]
            part = drawn[0] if draws == 1 else _nearest(lead, drawn)
            if part is None or part.document in documents or not part.segments:
                refused += 1
                continue
            parts.append(part)
            room -= len(part.segments)
            documents.add(part.document)
            families |= {(SHARES | BACKGROUND_SHARES)[part.source].family} - {None}
        return parts

    def _other_part(
        self,
        rng: random.Random,
        lead: Part,
        room: int,
        pairs: bool,
        families: set[str | None],
        kinds: Collection[Kind],
    ) -> Part | None:
        """A part to stand beside the leading one; None when no source is left."""
        if self._background and "dialogue" in kinds and rng.random() < BACKGROUND_RATE[lead.kind]:
            name = _draw(rng, self._background, BACKGROUND_SHARES, families)
            return self._background_part(rng, name, room, pairs) if name else None
        name = lead.source
        if SHARES[name].family or rng.random() >= SAME_SOURCE_RATE:
            sources = {n: records for n, records in self._labelled.items() if REGISTRY[n].kind in kinds}
            name = _draw(rng, sources, SHARES, families)
        return self._labelled_part(rng, name, room, pairs) if name else None

    def _labelled_part(self, rng: random.Random, name: str, room: int, pairs: bool) -> Part:
        """A record of the source, or a window of at most `room` segments of it around a query's evidence."""
        record, kind = rng.choice(self._labelled[name]), REGISTRY[name].kind
        merge = pairs and kind == "dialogue"
        size = 2 * room if merge else room
        needed = rng.choice(record.queries).indices
        window = _window(rng, record, size, needed)
        part = Part(name, document_of(record.id), kind, window.segments, window.queries)
        return _merge_pairs(part) if merge else part

    def _background_part(self, rng: random.Random, name: str, room: int, pairs: bool) -> Part:
        record = rng.choice(self._background[name])
        size = min((2 if pairs else 1) * room, rng.randint(4, 40))
        window = _window(rng, record, size, [rng.randrange(len(record.segments))])
        part = Part(name, document_of(record.id), "dialogue", window.segments, [])
        return _merge_pairs(part) if pairs else part


def _nearest(lead: Part, drawn: list[Part | None]) -> Part | None:
    """The part that shares most words with the questions of the leading one."""
    asked = content_words(" ".join(query.text for query in lead.queries))
    parts = [part for part in drawn if part and part.document != lead.document]
    return max(parts, key=lambda part: len(asked & content_words(" ".join(part.segments))), default=None)


def _draw(
    rng: random.Random, sources: dict[str, list[Record]], shares: dict[str, Share], taken: set[str | None]
) -> str | None:
    """A source by weight, none of a family that is taken; None when none is left."""
    names = [name for name in sources if shares[name].family not in taken]
    return rng.choices(names, [shares[name].weight for name in names])[0] if names else None


def _window(rng: random.Random, record: Record, size: int, needed: list[int]) -> Record:
    """At most `size` consecutive segments of a record, with all of `needed` if they fit, and the queries inside."""
    count = len(record.segments)
    if count <= size:
        return record
    low, high = max(0, needed[-1] - size + 1), min(needed[0], count - size)
    start = rng.randint(low, high) if low <= high else min(needed[0], count - size)
    inside = range(start, start + size)
    queries = [q for q in record.queries if all(index in inside for index in q.indices)]
    return Record(record.id, record.segments[start : start + size], [q.moved((-start).__add__) for q in queries])


def _session_starts(starts: set[int], moved: list[int]) -> set[int]:
    """Where sessions begin once segments have moved: those of before, and wherever something was put between."""
    firsts = {0, moved[-1] + 1, *(moved[i] for i in starts)}
    for before, at in pairwise(moved):
        if at > before + 1:
            firsts |= {before + 1, at}
    return firsts


def _merge_pairs(part: Part) -> Part:
    """Every two consecutive segments as one, on two lines."""
    segments = ["\n".join(part.segments[i : i + 2]) for i in range(0, len(part.segments), 2)]
    queries = [query.moved(lambda index: index // 2) for query in part.queries]
    queries = [replace(q, among=None) if len(q.among or []) < 2 else q for q in queries]
    return replace(part, segments=segments, queries=queries)


def _add_dates(rng: random.Random, segments: list[str], starts: set[int]) -> None:
    """Puts a date line before each session's first segment, or before each segment; dates never go back."""
    date_format = rng.choice(DATE_FORMATS)
    every = rng.random() < 0.5
    now = datetime(rng.randint(2015, 2026), rng.randint(1, 12), rng.randint(1, 28), rng.randint(7, 21))
    for index, text in enumerate(segments):
        if index in starts:
            now += timedelta(days=rng.randint(1, 21), minutes=rng.randint(0, 240))
        if every or index in starts:
            noon = "am" if now.hour < 12 else "pm"
            line = date_format.format(d=now, noon=noon).lstrip("0")
            segments[index] = f"{line}\n{text}"
        now += timedelta(minutes=rng.randint(0, 4))
