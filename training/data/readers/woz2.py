"""WOZ 2.0: restaurant dialogues whose belief state says which slot values hold after each user turn."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Record
from data.slot_questions import slot_queries
from data.text import detokenize, says

LABELS = {
    "food": ("type of food", "cuisine", "kind of cooking", "food"),
    "area": ("part of town", "area", "neighbourhood"),
    "price range": ("price range", "price level", "budget"),
}


def read(folder: Path) -> Iterator[Record]:
    """One record a dialogue: system and user turns as segments."""
    archive = Archive(folder)
    for name in archive.names("data/woz/woz_*_en.json"):
        for dialogue in archive.json(name):
            document = f"woz2/{Path(name).stem}/{dialogue['dialogue_idx']}"
            rng = random.Random(document)
            segments: list[str] = []
            values: dict[str, list[tuple[int, str]]] = defaultdict(list)
            for turn in dialogue["dialogue"]:
                if turn["system_transcript"].strip():
                    segments.append(says("System", detokenize(turn["system_transcript"])))
                segments.append(says("User", detokenize(turn["transcript"]) or "..."))
                informed = [slot for act in turn["belief_state"] if act["act"] == "inform" for slot in act["slots"]]
                for slot, value in informed:
                    if slot in LABELS and (not values[slot] or values[slot][-1][1] != value):
                        values[slot].append((len(segments) - 1, value))
            queries = [
                query
                for slot, taken in values.items()
                if all(value.lower() in segments[turn].lower() for turn, value in taken)
                for query in slot_queries(rng, rng.choice(LABELS[slot]), taken)
            ]
            if queries:
                yield Record(document, segments, queries)
