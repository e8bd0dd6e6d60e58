"""Questions about the values that a slot takes in the course of a dialogue, in several wordings each.

Kinds: slot (its only value), latest, first, previous and next (around the value that the question names), reply.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from data.record import Query

Wordings = dict[str, tuple[str, ...]]

SLOT_WORDINGS: Wordings = {
    "slot": (
        "Which {slot} did I ask for?",
        "{Slot}?",
        "What did the user say about the {slot}?",
        "Remind me of the {slot} I gave.",
        "What {slot} was mentioned?",
        "Do you know the {slot} I wanted?",
    ),
    "latest": (
        "Which {slot} did I settle on?",
        "What {slot} does the user want by the end?",
        "Up to date {slot}, please.",
        "After all the changes, which {slot} is it?",
        "So what {slot} are we going with?",
        "What is the {slot} as things stand?",
        "The most recent {slot} I asked for?",
    ),
    "first": (
        "Which {slot} was asked for originally?",
        "What {slot} did I have in mind at the beginning?",
        "Before I changed my mind, what was my first {slot}?",
        "What was the initial {slot}?",
        "The {slot} from my first request?",
    ),
    "previous": (
        "Which {slot} did I want before I changed it to {value}?",
        "What {slot} was replaced by {value}?",
        "I said {value} later on; what {slot} had I said earlier?",
        "Prior to {value}, what was the {slot}?",
    ),
    "next": (
        "What did I change the {slot} to when I gave up on {value}?",
        "Which {slot} replaced {value}?",
        "I dropped {value}; what {slot} did I take instead?",
        "After {value}, which {slot} did the user turn to?",
    ),
    "reply": (
        "What did I answer when asked for the {slot}?",
        "Which {slot} did the user reply with?",
        "You asked me about the {slot}; what did I say?",
        "What was my answer on the {slot}?",
    ),
}


def ask(
    rng: random.Random,
    kind: str,
    slot: str,
    evidence: int,
    among: Sequence[int],
    value: str = "",
    wordings: Wordings = SLOT_WORDINGS,
) -> Query:
    """One question of a kind in a random wording; `value` is the one it names, if it does."""
    text = rng.choice(wordings[kind]).format(slot=slot, Slot=slot[:1].upper() + slot[1:], value=value)
    return Query(text, [evidence], type=kind, among=sorted(set(among)) if len(set(among)) > 1 else None)


def slot_queries(
    rng: random.Random, slot: str, values: Sequence[tuple[int, str]], wordings: Wordings = SLOT_WORDINGS
) -> list[Query]:
    """Questions about one slot from (segment index, value) pairs in dialogue order, one for each new value."""
    turns = [turn for turn, _ in values]
    if len(set(turns)) < len(turns):
        return []
    kinds: list[tuple[str, int, str]] = [("slot", 0, "")]
    if len(values) > 1:
        kinds = [("latest", len(values) - 1, ""), ("first", 0, "")]
        if len({value.lower() for _, value in values}) == len(values):
            at = rng.randrange(1, len(values))
            kinds.append(("previous", at - 1, values[at][1]))
            at = rng.randrange(len(values) - 1)
            kinds.append(("next", at + 1, values[at][1]))
    queries = []
    for kind, answer, named in kinds:
        query = ask(rng, kind, slot, turns[answer], turns, named, wordings)
        query.answer = values[answer][1]
        queries.append(query)
    return queries
