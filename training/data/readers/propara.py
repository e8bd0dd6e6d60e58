"""ProPara: where each participant of a process is, sentence by sentence."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import squeeze

LATEST = ("Where does the {entity} end up?", "Where is the {entity} in the end?", "Final location of the {entity}?")
FIRST = ("Where does the {entity} move to first?", "What is the first place the {entity} goes to?")
PREVIOUS = ("Where was the {entity} before it came to the {place}?", "From where did the {entity} get to the {place}?")
CREATED = ("When does the {entity} come into being?", "What produces the {entity}?")
DESTROYED = ("When does the {entity} cease to exist?", "What happens that ends the {entity}?")


def read(folder: Path) -> Iterator[Record]:
    """One record a paragraph: sentences as segments."""
    archive = Archive(folder)
    for name in archive.names("data/emnlp18/grids.*.json"):
        for item in archive.json_lines(name):
            document = f"propara/{item['para_id']}"
            rng = random.Random(document)
            queries = []
            for entity, states in zip(item["participants"], item["states"], strict=True):
                queries += _about(rng, entity.split(";")[0].strip(), states)
            if queries:
                yield Record(document, [squeeze(s) for s in item["sentence_texts"]], queries)


def _about(rng: random.Random, entity: str, states: list[str]) -> list[Query]:
    """Questions from an entity's locations, one before the first sentence and one after each."""
    queries = []
    steps = list(enumerate(zip(states, states[1:], strict=False)))
    for wordings, found in (
        (CREATED, [i for i, (before, after) in steps if before == "-" and after != "-"]),
        (DESTROYED, [i for i, (before, after) in steps if before != "-" and after == "-"]),
    ):
        if len(found) == 1:
            queries.append(Query(rng.choice(wordings).format(entity=entity), found, type="change"))
    moves = [(i, after) for i, (before, after) in steps if after != before and after not in "-?"]
    if not moves:
        return queries
    among = [i for i, _ in moves]
    if states[-1] not in "-?":
        queries.append(Query(rng.choice(LATEST).format(entity=entity), [among[-1]], moves[-1][1], "latest", among))
    if len(moves) > 1:
        queries.append(Query(rng.choice(FIRST).format(entity=entity), [among[0]], moves[0][1], "first", among))
        places = [place for _, place in moves]
        once = [at for at in range(1, len(moves)) if places.count(places[at]) == 1]
        if once:
            at = rng.choice(once)
            text = rng.choice(PREVIOUS).format(entity=entity, place=places[at])
            queries.append(Query(text, [among[at - 1]], places[at - 1], "previous", among))
    return queries
