"""Facts that change: one to three people, each with the same attributes at different times, interleaved with decoys."""

from __future__ import annotations

import random
from dataclasses import replace

from .asides import ACKNOWLEDGES, CLOSERS, EVENTS, OPENERS, REASONS
from .attribute import Attribute
from .history_questions import history_questions
from .people import Cast, for_others, tell
from .thread import Fact, Mood, Thread, Turn
from .track import Track
from .wordings import TRAINING, Wordings

HABIT_RATE = 0.4
"""How many conversations keep to a few wordings, so that only values and order tell statements apart."""
NEAR_RATE = 0.5
"""How many of the values that are mentioned and not taken up are so in the attribute's own words."""
DECOY_RATES = (0.15, 0.3, 0.6)
"""How many such values a conversation has for each that is stated."""
PLAIN_RATE = 0.5
"""How many of all state every value in the attribute's own words, by its owner if present, and correct nothing."""


class _Teller:
    """Writes the turns of one conversation's facts."""

    def __init__(self, rng: random.Random, cast: Cast, wordings: Wordings) -> None:
        self.rng, self.cast, self.facts = rng, cast, wordings.facts
        self.plain = rng.random() < PLAIN_RATE
        self._habits: dict[tuple[str, ...], list[str]] | None = (
            {} if self.plain or rng.random() < HABIT_RATE else None
        )
        self._reasons = rng.sample(REASONS, len(REASONS))

    def _wording(self, track: Track, choices: tuple[str, ...], own: bool) -> str:
        """One of the choices; own: the track's person says it."""
        if not own and choices is track.attribute.says:
            choices = for_others(choices)
        if self._habits is None:
            return self.rng.choice(choices)
        few = self._habits.setdefault(choices, self.rng.sample(choices, min(len(choices), self.rng.randint(1, 3))))
        return self.rng.choice(few)

    def _say(self, track: Track, choices: tuple[str, ...], closer: str = "", **slots: str) -> Turn:
        rng, own = self.rng, track.person in self.cast.tellers
        slots["n"] = rng.choice(track.attribute.nouns)
        speaker = track.person if own else rng.choice(self.cast.tellers)
        if own and rng.random() < 0.12 and len(self.cast.tellers) > 1:
            own, speaker, closer = False, self.cast.other(rng, speaker), ""
        wording = self._wording(track, choices, own) + closer
        if not own and rng.random() < 0.3:
            text = tell(rng.choice(self.facts["reports"]), track.person, False, r=self._reporter(track), x=wording)
            text = tell(text, track.person, False, **slots)
        else:
            opener = rng.choice(OPENERS) if rng.random() < 0.3 else ""
            text = tell(opener + wording, track.person, own, **slots)
        return Turn(speaker, text)

    def _reporter(self, track: Track) -> str:
        return self.rng.choice([p.name for p in self.cast.absent if p != track.person])

    def _acknowledged(self, turn: Turn) -> list[Turn]:
        if self.rng.random() < 0.2:
            other = self.cast.other(self.rng, turn.speaker)
            return [turn, Turn(other, self.rng.choice(ACKNOWLEDGES))]
        return [turn]

    def state(self, track: Track, value: str, before: str | None, back: bool = False) -> list[Turn]:
        """A turn that states the value, sometimes as a bare answer to a question."""
        rng = self.rng
        own = track.person in self.cast.tellers
        if self.plain:
            speaker = track.person if own else rng.choice(self.cast.tellers)
            noun = track.attribute.nouns[0]
            wording = self._wording(track, track.attribute.says, own)
            turn = Turn(speaker, tell(wording, track.person, own, v=value, n=noun))
            block = [turn]
        elif own and rng.random() < 0.1:
            asker = self.cast.other(rng, track.person)
            prompt = Turn(asker, tell(rng.choice(self.facts["prompts"]), asker, True, n=rng.choice(track.attribute.nouns)))
            block = [prompt, Turn(track.person, tell(rng.choice(self.facts["bare"]), track.person, True, v=value))]
            if len(self.cast.speakers) > 2:
                prompt.text = f"{track.person.name}, {prompt.text[0].lower()}{prompt.text[1:]}"
            turn = block[1]
            track.answers.append((turn, asker))
        else:
            if back:
                choices = self.facts["reverts"]
            elif before is None:
                choices = track.attribute.says if rng.random() < 0.5 else self.facts["states"]
            else:
                pools = (track.attribute.says, self.facts["changes"], self.facts["states"], self.facts["replaces"])
                choices = rng.choices(pools, (0.45, 0.28, 0.12, 0.15))[0]
            reason = self._reasons.pop() if own and self._reasons and rng.random() < 0.15 else ""
            closer = f" {reason}" if reason else rng.choice(CLOSERS) if own and rng.random() < 0.12 else ""
            turn = self._say(track, choices, closer, v=value, w=before or "")
            if reason and turn.speaker == track.person:
                track.reasons[len(track.stated)] = reason.rstrip(".")
            block = self._acknowledged(turn)
        turn.fact = Fact(track.person, track.key, value)
        track.stated.append(turn)
        return block

    def correct(self, track: Track, value: str, wrong: str, before: str | None) -> list[Turn]:
        """A wrong statement, taken back at once."""
        pools = (track.attribute.says, self.facts["states"] if before is None else self.facts["changes"])
        mistake = self._say(track, self.rng.choice(pools), v=wrong)
        mistake.fact = Fact(track.person, track.key, wrong, "retracted")
        own = track.person == mistake.speaker
        noun = self.rng.choice(track.attribute.nouns)
        text = tell(self.rng.choice(self.facts["corrects"]), track.person, own, v=value, w=wrong, n=noun)
        turn = Turn(mistake.speaker, text, Fact(track.person, track.key, value))
        track.others.append(mistake)
        track.stated.append(turn)
        return [mistake, turn]

    def decoy(self, track: Track) -> list[Turn]:
        """A value that is mentioned and not taken up."""
        value = self.rng.choice([v for v in track.attribute.values if v not in track.values[-1:]])
        track.named.add(value)
        if track.attribute.near and self.rng.random() < NEAR_RATE:
            turn = self._say(track, track.attribute.near, v=value)
            turn.fact = Fact(track.person, track.key, value, "mentioned")
            track.others.append(turn)
            return [turn]
        if self.rng.random() < 0.2:
            noun = self.rng.choice(track.attribute.nouns)
            speaker = self.rng.choice(self.cast.speakers)
            return [Turn(speaker, tell(self.rng.choice(self.facts["decoy_questions"]), speaker, True, v=value, n=noun))]
        kind = self.rng.random()
        if kind < 0.4:
            return [self._say(track, self.facts["decoys"], v=value)]
        mood: Mood = "declined" if kind < 0.75 else "planned"
        turn = self._say(track, self.facts["declines"] if mood == "declined" else self.facts["plans"], v=value)
        turn.fact = Fact(track.person, track.key, value, mood)
        track.others.append(turn)
        return [turn]


def _plan(rng: random.Random, teller: _Teller, track: Track, count: int) -> None:
    """Fills the track with `count` values to come: mostly new ones, some corrected, some returned to."""
    values = rng.sample(track.attribute.values, min(len(track.attribute.values), count + 1))
    spare, told = values.pop(), []
    for value in values:
        before = told[-1] if told else None
        if len(told) >= 2 and told[-2] not in told[:-2] and rng.random() < 0.12:
            value = told[-2]
            track.pending.append(lambda v=value, b=before: teller.state(track, v, b, back=True))
        elif not teller.plain and rng.random() < 0.08 and spare:
            wrong, spare = spare, ""
            track.pending.append(lambda v=value, w=wrong, b=before: teller.correct(track, v, w, b))
        else:
            track.pending.append(lambda v=value, b=before: teller.state(track, v, b))
        told.append(value)


def changing_facts(rng: random.Random, cast: Cast, room: int, wordings: Wordings = TRAINING) -> Thread:
    """People's attributes that change several times, within about `room` turns."""
    teller = _Teller(rng, cast, wordings)
    people = list(cast.tellers + cast.absent)
    subjects = [p for p in cast.tellers if rng.random() < 0.85] or [cast.tellers[0]]
    if len(subjects) == 1 and rng.random() < 0.75 or rng.random() < 0.2:
        subjects.append(rng.choice([p for p in people if p not in subjects]))
    subjects = subjects[:3]
    statements = max(2, int(room * 0.65))
    each = max(2, min(6, statements // len(subjects)))
    names = {person.name for person in people + list(cast.speakers)}
    attributes = _attributes(rng, wordings, max(1, min(3, statements // (each * len(subjects)))), names)
    tracks = [Track(person, attribute, wordings) for attribute in attributes for person in subjects]
    for track in tracks:
        _plan(rng, teller, track, rng.randint(max(2, each - 2), each))
    thread, happened = Thread(), []
    waiting = [track for track in tracks for _ in track.pending]
    rng.shuffle(waiting)
    decoys = rng.choice(DECOY_RATES)
    events = rng.sample(EVENTS, rng.choice((0, 0, 1, 1, 2, 3)))
    for track in waiting:
        thread.blocks.append(track.pending.pop(0)())
        if rng.random() < decoys and thread.turns < room:
            thread.blocks.append(teller.decoy(rng.choice(tracks)))
        if events and rng.random() < 0.25 and thread.turns < room:
            clause, text = events.pop()
            opener = rng.choice(OPENERS) if rng.random() < 0.3 else ""
            turn = Turn(rng.choice(cast.tellers), tell(opener + text, cast.tellers[0], True))
            thread.blocks.append([turn])
            happened.append((clause, turn))
    order = {id(turn): i for i, turn in enumerate(turn for block in thread.blocks for turn in block)}
    for track in tracks:
        thread.questions += history_questions(rng, track, tracks, happened, order)
    thread.tracks = tracks
    return thread


def _attributes(rng: random.Random, wordings: Wordings, count: int, names: set[str]) -> list[Attribute]:
    """Attributes that share no value with each other or with the people's names."""
    chosen: list[Attribute] = []
    taken = set(names)
    while len(chosen) < count:
        attribute = wordings.attribute(rng)
        attribute = replace(attribute, values=tuple(v for v in attribute.values if v not in names))
        if not taken & set(attribute.values):
            chosen.append(attribute)
            taken.update(attribute.values)
    return chosen
