"""How a speaker writes: with or without contractions, with or without full stops and capitals."""

from __future__ import annotations

import random
import re

_LONG = {
    "i'm": "I am", "i've": "I have", "i'll": "I will", "don't": "do not", "can't": "cannot", "won't": "will not",
    "didn't": "did not", "doesn't": "does not", "isn't": "is not", "wasn't": "was not", "couldn't": "could not",
    "haven't": "have not", "that's": "that is", "what's": "what is", "you're": "you are", "they're": "they are",
    "there's": "there is", "you'll": "you will", "we're": "we are", "wouldn't": "would not",
}  # fmt: skip
_SHORT = re.compile(r"\b(" + "|".join(map(re.escape, _LONG)) + r")\b", re.IGNORECASE)
REGISTERS = ("plain", "formal", "sloppy")
WEIGHTS = (0.65, 0.17, 0.18)


def draw_register(rng: random.Random) -> str:
    return rng.choices(REGISTERS, WEIGHTS)[0]


def written(text: str, register: str) -> str:
    """The text as a speaker of this register writes it."""
    if register == "formal":
        return _SHORT.sub(_expand, text)
    if register == "sloppy":
        return (text[:-1] if text.endswith(".") and not text.endswith("..") else text).lower()
    return text


def _expand(match: re.Match[str]) -> str:
    long = _LONG[match[0].lower()]
    return long[0].upper() + long[1:] if match[0][0].isupper() else long
