"""Choosing an answer from what was retrieved, with a stand-in for the language model."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from data.benchmarks.choices import Choice
from encoding import Reader
from evaluation.encoded import Texts
from generation import accuracy, ask, retrieved
from retrieval import Retrieval
from tiny_model import tiny_model, tiny_tokenizer


class Reading:
    """Picks the option whose text it was shown; without any, the first."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def complete(self, system: str, user: str, seed: int) -> str:
        self.prompts.append(user)
        shown = user.split("The user now says:")[0]
        return json.dumps({"answer": next((label for label, word in (("b", "canoe"),) if word in shown), "a")})


HISTORY = ["Mira: I sold the canoe.", *(f"Jonas: the weather on day {i} was good." for i in range(12))]
OPTIONS = {"a": "A car.", "b": "A canoe."}


@pytest.fixture(scope="module")
def retrieval() -> Retrieval:
    tokenizer = tiny_tokenizer()
    texts = Texts(Reader(tiny_model(len(tokenizer)), tokenizer), lambda device: nullcontext(), memory=True)
    return Retrieval(texts, lexical_weight=1.0, modes=("hybrid",))


def test_the_answer_follows_from_what_was_retrieved(retrieval) -> None:
    choices = [
        Choice("1", HISTORY, "Was the canoe sold?", OPTIONS, "b", "fact"),
        Choice("2", HISTORY[:8], "Was the canoe sold?", OPTIONS, "b", "fact"),
        Choice("3", [], "And the car?", OPTIONS, "a", "other"),
    ]
    shown = retrieved(retrieval, choices, 2)
    assert HISTORY[0] in shown[0]["hybrid"] and HISTORY[0] in shown[1]["hybrid"] and shown[2] == {}
    assert all(len(found["hybrid"]) == 2 for found in shown[:2])
    reading = Reading()
    told = accuracy(reading, choices, shown, ("none", "hybrid"), 1)
    assert told["hybrid"]["accuracy"][0] == 1 and told["none"]["accuracy"][0] == pytest.approx(1 / 3)
    assert told["none"]["types"] == {"fact": 0.0, "other": 1.0}
    assert "(b) A canoe." in reading.prompts[0]


@pytest.mark.parametrize(
    ("answer", "letter"),
    [('{"answer": "b"}', "b"), ('{"answer": "(B) A canoe."}', "b"), ("I think (b).", "b"), ('{"answer": "z"}', None), ("no", None)],
)
def test_letters_are_found_or_not(answer, letter) -> None:
    class Says:
        def complete(self, *_: object) -> str:
            return answer

    assert ask(Says(), Choice("1", [], "q", OPTIONS, "b", "t"), [], 1) == letter
