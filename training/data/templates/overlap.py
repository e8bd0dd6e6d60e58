"""Reports what generated conversations share with given files, so that training never shows a test's wording.

    python -m data.templates.overlap --against FILE... [--records N]

Compared are the short turns and the questions of the files with everything the templates say (small talk
left out), and with the plain questions: word 5-grams, both as they stand and with names, nouns and values masked; whole turns of fewer
than five words; and the nouns and values that the files ask about. Exits with 1 when anything is shared.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ..plain import PLAIN
from ..record import Record, read_records
from . import KINDS, compose, items
from .content_tables import CONTENTS
from .people import HE, SHE
from .reply_tables import REPLIES
from .wordings import TRAINING

GRAM = 5
SHORT = 14
"""Turns of up to this many words count as statements or replies; longer ones are small talk."""
MASK = "_"
_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_ASKING = frozenset(
    "a about after all an and are as at be became behind become been before by came come cost current date did do does first "
    "followed for from get go had has have help helped her his how i in into is it its just last latest long many me "
    "much my next no now of on one or our out over previous put second sell start started that the their them then there "
    "these they third to under until up very was we were what when where which who whom whose why will with yes you your".split()
)


@dataclass(slots=True)
class Wording:
    """What a set of texts consists of, as far as it may not be shared."""

    grams: dict[tuple[str, ...], str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)

    def add(self, text: str, words: list[str]) -> None:
        if len(words) < GRAM:
            self.short[" ".join(words)] = text
        for i in range(len(words) - GRAM + 1):
            gram = tuple(words[i : i + GRAM])
            if sum(word not in (MASK, "'s") for word in gram) >= GRAM - 2:
                self.grams[gram] = text


def words_of(text: str) -> list[str]:
    """Lower-case words, the possessive 's apart."""
    text = re.sub(r"[’']s\b", " 's", text.lower())
    return re.findall(r"'s|" + _WORD.pattern, text)


def masker(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the phrases (longest first) in text joined from words."""
    known = sorted({" ".join(words_of(p)) for p in phrases if p.strip()}, key=len, reverse=True)
    return re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, known)) + r")(?!\S)") if known else re.compile(r"(?!)")


def asked_phrases(records: Iterable[Record]) -> set[str]:
    """Nouns and values that questions name: runs of words that are neither names nor words for asking."""
    phrases: set[str] = set()
    for record in records:
        names = speakers(record)
        for query in record.queries:
            phrases.update(" ".join(run) for run in _runs(words_of(query.text), _ASKING | names | {"'s"}))
            if query.answer:
                phrases.add(" ".join(words_of(query.answer)))
    return phrases


def reply_values(texts: Iterable[str]) -> set[str]:
    """What short replies consist of once the words of asking and answering are left out."""
    found: set[str] = set()
    for text in texts:
        words = words_of(text)
        if len(words) <= 7:
            found.update(" ".join(run) for run in _runs(words, _ASKING))
    return found


def _runs(words: list[str], breaks: frozenset[str] | set[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for word in [*words, *list(breaks)[:1]]:
        if word not in breaks:
            run.append(word)
        elif run:
            yield run
            run = []


def speakers(record: Record) -> set[str]:
    """Lower-case names before the first colon of a line."""
    found = (re.match(r"([^\W\d]\w*): ", line) for text in record.segments for line in text.split("\n"))
    return {match[1].lower() for match in found if match}


def statements(record: Record) -> Iterator[str]:
    """The turns that count, without speaker and date, and the questions."""
    yield from _evidence(record)
    yield from (text for text in map(_spoken, record.segments) if len(words_of(text)) <= SHORT)
    yield from (query.text for query in record.queries)


def _evidence(record: Record) -> Iterator[str]:
    places = {i for query in record.queries for i in [*query.evidence, *(query.among or [])]}
    return (_spoken(record.segments[i]) for i in places)


def _spoken(segment: str) -> str:
    return re.sub(r"^[^\W\d]\w*: ", "", segment.split("\n")[-1])


def generated(count: int, seed: int) -> Iterator[str]:
    """Every text that the templates write themselves, over `count` conversations."""
    rng = random.Random(seed)
    for number in range(count):
        made = compose(rng, rng.choice((16, 32, 64)), [["~"]], KINDS[number % len(KINDS)])
        yield from (turn.text for turn in made.turns if turn.text != "~")
        yield from (question.text for question in made.questions)


def own_phrases() -> list[str]:
    """All names, nouns and values of the tables."""
    phrases = [*SHE, *HE, *items.THINGS, *items.OCCASIONS, *items.PLURALS, *items.COLOURED, *items.UNDERTAKINGS]
    phrases += [*items.SHOPS, *items.PRICES]
    for attribute in TRAINING.attributes:
        phrases += [*attribute.nouns, *attribute.values]
    for table in (*REPLIES, *CONTENTS):
        phrases += table.values
    for noun, options in items.CHOICES:
        phrases += [noun, *options]
    return phrases


def shared(records: list[Record], texts: Iterable[str]) -> dict[str, str]:
    """What is shared, with an example of the text on our side."""
    nouns = asked_phrases(records)
    names = set().union(*map(speakers, records)) if records else set()
    theirs, mask = Wording(), masker(nouns | names)
    for record in records:
        for text in statements(record):
            words = words_of(text)
            theirs.add(text, words)
            theirs.add(text, mask.sub(MASK, " ".join(words)).split())
    replies = {text for record in records for text in _evidence(record)}
    ours_values = reply_values(value for table in REPLIES for value in table.values)
    found = {f"reply '{value}'": value for value in reply_values(replies) & ours_values}
    noun, own_mask = masker(nouns), masker(own_phrases())
    for text in dict.fromkeys(texts):
        words = words_of(text)
        ours = Wording()
        ours.add(text, words)
        ours.add(text, own_mask.sub(MASK, " ".join(words)).split())
        for gram in ours.grams.keys() & theirs.grams.keys():
            found[f"5-gram '{' '.join(gram)}' of {theirs.grams[gram]!r}"] = text
        for short in ours.short.keys() & theirs.short.keys():
            found[f"turn {theirs.short[short]!r}"] = text
        for match in noun.finditer(" ".join(words)):
            found[f"noun or value '{match[0]}'"] = text
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--records", type=int, default=5000, help="how many conversations to generate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    records = [record for path in options.against for record in read_records(path)]
    found = shared(records, chain(PLAIN, generated(options.records, options.seed)))
    for what, text in sorted(found.items()):
        print(f"{what}\n    in: {text}")
    print(f"{len(found)} shared with {len(records)} records")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
