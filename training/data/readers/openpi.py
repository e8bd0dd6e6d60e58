"""OpenPI: how the attributes of things change over the steps of a how-to."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import squeeze

_CHANGE = re.compile(r"^(?P<attribute>.+?) of (?P<entity>.+?) was (?P<before>.+) before and (?P<after>.+) afterwards$")
LATEST = ("What is the {attribute} of the {entity} after all steps?", "In the end, how is the {entity}'s {attribute}?")
CHANGE = (
    "Which step makes the {attribute} of the {entity} {after}?",
    "When does the {entity} go from {before} to {after}?",
)
MAX_QUERIES = 16


def read(folder: Path) -> Iterator[Record]:
    """One record an article: steps as segments."""
    archive = Archive(folder)
    for name in archive.names("data/gold/*/id_question_metadata.jsonl"):
        steps: dict[str, dict[int, str]] = defaultdict(dict)
        for row in archive.json_lines(name):
            article, step = row["id"].split("||")
            steps[article][int(step)] = squeeze(row["question_metadata"].get("query", ""))
        answers: dict[str, dict[int, list[str]]] = defaultdict(dict)
        for row in archive.json_lines(name.replace("question_metadata", "answers")):
            article, step = row["id"].split("||")
            answers[article][int(step)] = row["answers"]
        for article, texts in steps.items():
            numbers = [number for number in sorted(texts) if texts[number]]
            changes = [answers[article].get(number, []) for number in numbers]
            document = f"openpi/{article.split('/')[-1]}"
            queries = _queries(random.Random(document), changes)
            if queries:
                yield Record(document, [texts[number] for number in numbers], queries)


def _queries(rng: random.Random, changes: list[list[str]]) -> list[Query]:
    """`changes`: for each step, sentences that say what it changes."""
    taken: dict[tuple[str, str], list[tuple[int, str, str]]] = defaultdict(list)
    for index, sentences in enumerate(changes):
        for found in filter(None, map(_CHANGE.match, sentences)):
            taken[found["attribute"], found["entity"]].append((index, found["before"], found["after"]))
    queries = []
    for (attribute, entity), steps in taken.items():
        names = {"attribute": attribute, "entity": entity}
        among = sorted({index for index, _, _ in steps})
        if len(among) > 1:
            text = rng.choice(LATEST).format(**names)
            queries.append(Query(text, [among[-1]], steps[-1][2], "latest", among))
        index, before, after = rng.choice(steps)
        if sum(step[2] == after for step in steps) == 1:
            text = rng.choice(CHANGE).format(**names, before=before, after=after)
            queries.append(Query(text, [index], type="change"))
    return rng.sample(queries, min(len(queries), MAX_QUERIES))
