"""bAbI: small worlds whose state changes line by line; the tasks whose answer one line holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import words

MEMBERS = {
    "qa1": "*/en-valid-10k/qa1_train.txt",
    "qa2": "*/en-valid-10k/qa2_train.txt",
    "qa3": "*/en/qa3_*_train.txt",
    "qa5": "*/en-valid-10k/qa5_train.txt",
    "qa6": "*/en-valid-10k/qa6_train.txt",
    "qa11": "*/en-valid-10k/qa11_train.txt",
    "qa12": "*/en-valid-10k/qa12_train.txt",
    "qa13": "*/en-valid-10k/qa13_train.txt",
    "qa14": "*/en-valid-10k/qa14_train.txt",
}
STORIES = 300


def read(folder: Path) -> Iterator[Record]:
    """One record a story: it ends where its last question is asked, so that the answer is the final state."""
    archive = Archive(folder)
    for task, pattern in MEMBERS.items():
        for number, lines in enumerate(_stories(archive.text(archive.name(pattern)))):
            if number == STORIES:
                break
            yield _record(f"babi/{task}-{number}", lines)


def _stories(text: str) -> Iterator[list[str]]:
    """The lines of each story; the numbering starts again with each."""
    story: list[str] = []
    for line in filter(str.strip, text.split("\n")):
        if line.startswith("1 ") and story:
            yield story
            story = []
        story.append(line)
    yield story


def _record(name: str, lines: list[str]) -> Record:
    segments: list[str] = []
    place: dict[int, int] = {}
    last: Query | None = None
    for line in lines:
        number, text = line.split(" ", 1)
        question, *rest = text.split("\t")
        if not rest:
            place[int(number)] = len(segments)
            segments.append(text.strip())
            continue
        answer, support = rest
        supporting = [place[int(n)] for n in support.split()]
        naming = [i for i in supporting if set(words(answer)) <= set(words(segments[i]))]
        last = Query(question.strip(), [max(naming or supporting)], answer, "state")
        length = len(segments)
    return Record(name, segments[:length], [last] if last else [])
