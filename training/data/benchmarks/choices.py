"""PersonaMem and Persona-MME: what to answer a user whose history is known, out of given options."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.benchmarks.files import read_json, read_lines
from data.text import says, squeeze

_LABEL = re.compile(r"^\s*\(?([a-z])\)")
_WEEKDAY = re.compile(r"\s*\(.*\)")


@dataclass(frozen=True, slots=True)
class Choice:
    """A question after a history, with its options by label; `answer` is the right one's label."""

    id: str
    segments: list[str]
    question: str
    options: dict[str, str]
    answer: str
    type: str


def personamem(folder: Path, size: str = "32k") -> Iterator[Choice]:
    """questions_<size>.csv and shared_contexts_<size>.jsonl (huggingface.co/datasets/bowen-upenn/PersonaMem).

    The history is the shared context up to the question's end index, without its system message, which states
    the persona; messages are segments.
    """
    contexts: dict[str, list[dict[str, str]]] = {}
    for line in read_lines(folder / f"shared_contexts_{size}.jsonl"):
        contexts |= line
    with open(folder / f"questions_{size}.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            history = contexts[row["shared_context_id"]][: int(row["end_index_in_shared_context"])]
            segments = [_message(m) for m in history if m["role"] != "system" and m["content"].strip()]
            options = dict(_labelled(text) for text in _options(row["all_options"]))
            yield Choice(
                row["question_id"],
                segments,
                squeeze(row["user_question_or_message"]),
                options,
                _labelled(row["correct_answer"])[0],
                row["question_type"],
            )


def persona_mme(folder: Path) -> Iterator[Choice]:
    """Persona-MME.json, and samples/*/*/user_data.json beside it (github.com/MiG-NJU/PersonaVLM).

    Exchanges are segments, with their time; pictures are left out, so questions about what is seen in them are lost.
    The `alignment` part, which judges two replies, is not read.
    """
    histories: dict[str, list[str]] = {}
    for number, item in enumerate(read_json(folder / "Persona-MME.json")):
        path = item["data_path"].split("Persona-MME/", 1)[-1]
        if path not in histories:
            sessions = read_json(folder / path)["sessions"]
            histories[path] = [_exchange(turn) for session in sessions for turn in session or []]
        options = {label.strip("()"): text for label, text in item["choices"].items()}
        question = f"{_WEEKDAY.sub('', item['time'])}\n{squeeze(item['query'])}"
        answer = item["answer"].strip("()")
        yield Choice(f"persona_mme/{number}", histories[path], question, options, answer, item["question_type"])


def _exchange(turn: dict[str, Any]) -> str:
    user = squeeze(turn["user"].replace("<img>", "[photo]"))
    return "\n".join([_WEEKDAY.sub("", turn["time"]), says("User", user), says("Assistant", squeeze(turn["assistant"]))])


def _message(message: dict[str, str]) -> str:
    """Their contents name the speaker already, as `User: ...`."""
    text = squeeze(message["content"])
    role = message["role"].title()
    return text if text.startswith(f"{role}:") else says(role, text)


def _options(text: str) -> list[str]:
    """A list, written as JSON or as Python does."""
    try:
        return json.loads(text)
    except ValueError:
        return ast.literal_eval(text)


def _labelled(text: str) -> tuple[str, str]:
    """`(a) text` -> a, text."""
    found = _LABEL.match(text)
    if not found:
        raise ValueError(f"{text!r} has no label such as (a)")
    return found[1], squeeze(text[found.end() :])


CHOICES = {"personamem": personamem, "persona_mme": persona_mme}
