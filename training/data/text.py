"""Text normalisation and word overlap, shared by the readers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
_BRACKET = re.compile("|".join(_BRACKETS))
_NOISE = re.compile(r"\{[a-z]+\}")
_OPEN_QUOTE = re.compile(r"``\s*")
_CLOSE_QUOTE = re.compile(r"\s*''")
_SPLIT_WORD = re.compile(r"\b(gon|wan|got|gim|lem|can) (na|ta|me|not)\b", re.IGNORECASE)
_CLITIC = re.compile(r" (n't|'s|'re|'ve|'ll|'d|'m|n’t|’s|’re|’ve|’ll|’d|’m)\b", re.IGNORECASE)
_BEFORE = re.compile(r"\s+([.,;:!?%)\]}])")
_AFTER = re.compile(r"([(\[{$])\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])([\"'”’)\]]*)\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    "a about all also an and any are as at be been but by can could did do does for from get got had has have he her "
    "him his how i if in into is it its just like me more my no not of on one or other our out said say she so some "
    "such than that the their them then there these they this those to up us was we well were what when where which "
    "who whom why will with would you your yeah okay ok oh um uh s t re ve ll d m don doesn didn isn".split()
)


def squeeze(text: str) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(text.split())


def detokenize(text: str) -> str:
    """Treebank-tokenised text as it is usually written: `do n't -LRB- ... -RRB- .` gives `don't (...).`"""
    text = _BRACKET.sub(lambda found: _BRACKETS[found.group()], text)
    text = _OPEN_QUOTE.sub('"', _CLOSE_QUOTE.sub('"', _NOISE.sub(" ", text)))
    text = _CLITIC.sub(r"\1", _SPLIT_WORD.sub(r"\1\2", squeeze(text)))
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text)).strip()


def sentences(text: str) -> list[str]:
    """The sentences of plain prose, split at end marks followed by a capital or a digit."""
    marked = _SENTENCE_END.sub(r"\1\n", squeeze(text))
    return [sentence for sentence in marked.split("\n") if sentence.strip()]


def passages(text: str, max_words: int, max_sentences: int = 1_000) -> list[str]:
    """Consecutive sentences grouped up to `max_words` words and `max_sentences`; a longer sentence stays whole."""
    groups: list[list[str]] = []
    size = 0
    for sentence in sentences(text):
        count = len(sentence.split())
        if not groups or size + count > max_words or len(groups[-1]) >= max_sentences:
            groups.append([])
            size = 0
        groups[-1].append(sentence)
        size += count
    return [" ".join(group) for group in groups]


def says(speaker: str, text: str) -> str:
    """A turn as a segment's text."""
    return f"{speaker}: {text}"


def words(text: str) -> list[str]:
    """Lower-case words and numbers, in order."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> set[str]:
    """Words that carry content, with plural and verb endings cut off."""
    return {_stem(word) for word in words(text) if word not in _STOP}


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class Overlap:
    """Word overlap with a document's segments; rare words of the document weigh more."""

    def __init__(self, segments: Sequence[str]) -> None:
        self._words = [content_words(segment) for segment in segments]
        counts = Counter(word for found in self._words for word in found)
        self._weight = {word: math.log(1 + len(segments) / count) for word, count in counts.items()}

    def score(self, index: int, wanted: set[str]) -> float:
        return sum(self._weight[word] for word in self._words[index] & wanted)

    def best(self, indices: Iterable[int], wanted_text: str, limit: int, share: float = 0.4) -> list[int]:
        """At most `limit` of the indices, ascending: those that share most with the text and at least `share`
        of what the best one shares. Empty when none shares a word."""
        wanted = content_words(wanted_text)
        scored = sorted(((self.score(index, wanted), -index) for index in set(indices)), reverse=True)[:limit]
        return sorted(-index for score, index in scored if score > 0 and score >= share * scored[0][0])
