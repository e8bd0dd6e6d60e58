"""PersonaMem and Persona-MME: does a language model choose better from what was retrieved?

    python generation.py --model ../models/evo-mini --benchmark personamem=PATH --url http://localhost:8000/v1 --name NAME

The model behind the endpoint reads the top segments of each mode, in reading order, and picks an option; `none` gives
it the question alone. Prints accuracy in points with bootstrap 95 % intervals, and the same by type with --json.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from checkpoint import autocast, load_model
from data.benchmarks.choices import CHOICES, Choice
from data.endpoint import Endpoint
from data.record import Query, Record
from encoding import Reader
from evaluation.encoded import Texts
from evaluation.intervals import interval
from retrieval import Retrieval

SYSTEM = """You continue a conversation with a user whose earlier messages you may have been shown in part.
Choose the option that suits this user best. Answer as JSON: {"answer": "<letter>"}."""
MODES = ("none", "static", "evolved", "hybrid", "hybrid reranked")


def retrieved(retrieval: Retrieval, choices: list[Choice], top: int) -> list[dict[str, list[str]]]:
    """For each choice, mode -> its top segments in reading order; each history is read once."""
    together: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, choice in enumerate(choices):
        together[tuple(choice.segments)].append(i)
    records = [
        Record(str(number), list(segments), [Query(choices[i].question, [0]) for i in members])
        for number, (segments, members) in enumerate(together.items())
        if segments
    ]
    out: list[dict[str, list[str]]] = [{} for _ in choices]
    for record, told in zip(records, retrieval.scores(records), strict=True):
        for row, i in enumerate(together[tuple(record.segments)]):
            for mode, scores in told.items():
                best = np.sort(np.argsort(-scores[row], kind="stable")[:top])
                out[i][mode] = [record.segments[at] for at in best]
    return out


def ask(endpoint: Endpoint, choice: Choice, segments: list[str], seed: int) -> str | None:
    """The letter that the endpoint picks; None where its answer names none."""
    shown = "\n\n".join(segments) or "(nothing)"
    options = "\n".join(f"({label}) {text}" for label, text in choice.options.items())
    prompt = f"From earlier:\n{shown}\n\nThe user now says:\n{choice.question}\n\nOptions:\n{options}"
    answer = endpoint.complete(SYSTEM, prompt, seed)
    try:
        answer = str(json.loads(answer)["answer"])
    except (ValueError, KeyError, TypeError):
        pass
    found = re.search(r"\(([a-z])\)", answer.lower()) or re.match(r"\W*([a-z])(?:[.):]|\W*$)", answer.lower())
    return found[1] if found and found[1] in choice.options else None


def accuracy(
    endpoint: Endpoint, choices: list[Choice], shown: list[dict[str, list[str]]], modes: Iterable[str], seed: int
) -> dict[str, dict]:
    """Mode -> accuracy with its interval, over all and by type; an answer without a letter is wrong."""
    told = {}
    for mode in modes:
        right = np.array(
            [
                ask(endpoint, choice, segments.get(mode, []), seed) == choice.answer
                for choice, segments in zip(choices, shown, strict=True)
            ],
            dtype=float,
        )
        types = np.array([choice.type for choice in choices])
        told[mode] = {
            "questions": len(right),
            "accuracy": [float(right.mean()), *interval(right, seed)],
            "types": {kind: float(right[types == kind].mean()) for kind in sorted(set(types.tolist()))},
        }
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--benchmark", required=True, help="NAME=PATH of " + ", ".join(CHOICES))
    parser.add_argument("--url", required=True, help="of an OpenAI-compatible endpoint, up to /v1")
    parser.add_argument("--name", required=True, help="the model's, there")
    parser.add_argument("--modes", nargs="*", default=MODES, choices=MODES)
    parser.add_argument("--top", type=int, default=10, help="segments shown")
    parser.add_argument("--limit", type=int, help="questions asked")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    name, _, path = args.benchmark.partition("=")
    if name not in CHOICES or not path:
        parser.error(f"--benchmark {args.benchmark!r} is not NAME=PATH with NAME of {', '.join(CHOICES)}")
    choices = list(CHOICES[name](Path(path)))[: args.limit]
    wanted = tuple(mode for mode in args.modes if mode != "none")
    retrieval = Retrieval(Texts(Reader(*load_model(args.model)), autocast, memory=True), modes=wanted)
    shown = retrieved(retrieval, choices, args.top) if wanted else [{} for _ in choices]
    endpoint = Endpoint(args.url, args.name, temperature=0.0)
    told = accuracy(endpoint, choices, shown, args.modes, args.seed)
    for mode, found in told.items():
        mean, low, high = (100 * x for x in found["accuracy"])
        print(f"{name} {mode:16} {mean:.1f} ({low:.1f} to {high:.1f}) of {found['questions']} questions")
    if args.json:
        args.json.write_text(json.dumps({name: told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
