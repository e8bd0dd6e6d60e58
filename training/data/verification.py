"""Does a query's answer follow from the labelled evidence, and from nothing else? By words alone; no model decides.

A query is dropped as
    unsupported   the answer's words are not in the evidence
    elsewhere     another segment, no competitor by label, holds the answer and is closer to the question
    duplicate     another segment, no competitor by label, has the words of an evidence segment
Answers that no text holds (yes, no, a count) and queries without an answer are only checked for duplicates.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from data.record import Query, Record
from data.text import Overlap, content_words, words

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
"""Of a question to each of some texts; higher is closer."""

SHORT = 5
STEM = 5
SHARE = {"short": 0.5, "long": 0.3}
"""How much of an answer's content words the evidence must hold, of up to SHORT words or of more."""
COUNTED = ("count", "all")
_ARTICLES = frozenset(("a", "an", "the"))
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_SPEAKER = re.compile(r"^(?:[^\n]*\d[^\n]*\n)?[^:\n]{1,30}: ")
_UNDECIDED = frozenset(("yes", "no", "true", "false", "none", "unanswerable"))


def normalised(text: str) -> list[str]:
    """Words without case, accents' encoding, punctuation and articles; small numbers as digits."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_NUMBERS.get(word, word) for word in words(folded) if word not in _ARTICLES]


def holds(text: str, answer: Sequence[str]) -> bool:
    """Whether the normalised answer stands in the text, word by word."""
    return f" {' '.join(answer)} " in f" {' '.join(normalised(text))} "


def supported(answer: str, evidence: Sequence[str], question: str = "") -> bool | None:
    """Whether the evidence holds the answer, or enough of what it adds to the question; None where words cannot tell."""
    wanted = normalised(answer)
    if not wanted or wanted[0] in _UNDECIDED:
        return None
    if any(holds(text, wanted) for text in evidence):
        return True
    content = content_words(" ".join(wanted)) - content_words(" ".join(normalised(question)))
    if not content:
        return None
    there = {word[:STEM] for text in evidence for word in content_words(" ".join(normalised(text)))}
    found = [word for word in content if word[:STEM] in there]
    return len(found) >= SHARE["short" if len(wanted) <= SHORT else "long"] * len(content)


class Verifier:
    """Checks records; `dropped` counts the reasons.

    `similarity`, when given, is asked besides word overlap: either may say that another segment is closer.
    """

    def __init__(self, similarity: Similarity | None = None) -> None:
        self.similarity = similarity
        self.dropped: Counter[str] = Counter()
        self.kept = 0

    def clean(self, record: Record, ordered: bool = False) -> Record:
        """The record without the queries that fail. `ordered`: the place in time decides between segments that
        say the same, as in a world whose state changes; then only the evidence is checked."""
        overlap = Overlap(record.segments)
        twins = Counter(" ".join(normalised(segment)) for segment in record.segments)
        kept = []
        for query in record.queries:
            reason = self._problem(record, query, overlap, twins, ordered)
            if reason:
                self.dropped[reason] += 1
            else:
                kept.append(query)
        self.kept += len(kept)
        record.queries = kept
        return record

    def _problem(
        self, record: Record, query: Query, overlap: Overlap, twins: Counter[str], ordered: bool
    ) -> str | None:
        evidence = [record.segments[i] for i in query.evidence]
        judged = None
        if query.answer and not (query.type or "").startswith(COUNTED):
            judged = supported(query.answer, evidence, query.text)
        if judged is False:
            return "unsupported"
        if ordered:
            return None
        own = {*query.evidence, *(query.among or [])}
        same = Counter(" ".join(normalised(record.segments[i])) for i in own)
        if any(twins[text] > same[text] for text in {" ".join(normalised(text)) for text in evidence}):
            return "duplicate"
        if judged and self._elsewhere(record, query, overlap, own):
            return "elsewhere"
        return None

    def _elsewhere(self, record: Record, query: Query, overlap: Overlap, own: set[int]) -> bool:
        wanted, asked = normalised(query.answer), content_words(query.text)
        rivals = [
            i
            for i, text in enumerate(record.segments)
            if i not in own and holds(_SPEAKER.sub("", text), wanted)
        ]
        if not rivals:
            return False
        best = max(overlap.score(i, asked) for i in query.evidence)
        if any(overlap.score(i, asked) > best for i in rivals):
            return True
        if self.similarity is None:
            return False
        scores = self.similarity(query.text, [record.segments[i] for i in (*query.evidence, *rivals)])
        split = len(query.evidence)
        return max(scores[split:]) > max(scores[:split])
