"""All questions about tracks whose answer the facts settle without doubt."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from .people import Person, ask
from .thread import Question, Turn
from .track import Track

_ARTICLE = re.compile(r"^(?:an?|the) ", re.IGNORECASE)
DAYS = ("{d.day} {d:%B} {d.year}", "{d:%B} {d.day}, {d.year}", "{d:%Y-%m-%d}", "{d.day} {d:%b} {d.year}", "{d:%d/%m/%Y}", "{d:%b} {d.day} {d.year}")


class Asker:
    """Asks about one track; questions collect in `asked`."""

    def __init__(self, rng: random.Random, track: Track) -> None:
        self.rng, self.track, self.asked = rng, track, list[Question]()

    def add(
        self, wording: str, label: str, evidence: list[Turn], answer: str | None = None,
        anchor: str | Turn | datetime | None = None, second: str | Person | None = None, among: list[Turn] | None = None, **slots: str,
    ) -> None:  # fmt: skip
        """A question in one of the wordings, if the track has some; the answer is the evidence's value unless given."""
        rng, track = self.rng, self.track
        asks = track.wordings.asks[wording]
        if not asks:
            return
        person = track.person
        if person.user and rng.random() < 0.25:
            person = replace(person, name="the user", user=False)
        slots = {name: self._named(name, value) for name, value in slots.items()}
        if track.attribute.act:
            asks += track.wordings.act_asks.get(wording, ())
            slots |= dict(zip(("w", "act"), track.attribute.act, strict=True))
        text = ask(rng.choice(asks), person, n=rng.choice(track.attribute.nouns), **slots)
        if person.user and rng.random() < 0.1:
            text = text.rstrip("?")
        answer = evidence[0].fact.value if answer is None else answer
        among = list(track.stated) if among is None else among
        about = (track.person, track.key)
        self.asked.append(Question(text, label, evidence, answer, about, among or None, anchor, second))

    def _named(self, slot: str, value: str) -> str:
        """A value as a question names it: its article is sometimes left out."""
        if slot in ("a", "b") and self.rng.random() < 0.4:
            return _ARTICLE.sub("", value)
        return value


def history_questions(
    rng: random.Random, track: Track, tracks: list[Track], happened: list[tuple[str, Turn]], order: dict[int, int]
) -> list[Question]:
    """`tracks`: all of the conversation; `happened`: clauses of events with their turns; `order`: where a turn stands."""
    asker = Asker(rng, track)
    _by_place(asker)
    _by_value(asker)
    _as_a_whole(asker)
    _never_held(asker)
    _said(asker)
    rivals = [t for t in tracks if t.key == track.key and t.person != track.person]
    _against(asker, rivals, order)
    _around(asker, [("event", "after_event", {"e": clause}, turn) for clause, turn in happened], order)
    taken = [
        ("meanwhile", "meanwhile_after", {"q": _called(t.person), "b": turn.fact.value}, turn)
        for t in rivals for turn in t.stated if t.values.count(turn.fact.value) == 1
    ]  # fmt: skip
    _around(asker, rng.sample(taken, min(2, len(taken))), order)
    return asker.asked


def _called(person: Person) -> str:
    return "I" if person.user else person.name


def _by_place(asker: Asker) -> None:
    turns = asker.track.stated
    asker.add("first", "first", turns[:1])
    asker.add("latest", "latest", turns[-1:])
    for at, kind in enumerate(("second", "third", "fourth"), 1):
        if len(turns) > at:
            asker.add(kind, kind, [turns[at]])
    if len(turns) > 1:
        asker.add("before_latest", "before_latest", [turns[-2]])
    if len(turns) > 3:
        asker.add("two_ago", "two_ago", [turns[-3]])


def _by_value(asker: Asker) -> None:
    rng, turns, values = asker.rng, asker.track.stated, asker.track.values
    once = [i for i, value in enumerate(values) if values.count(value) == 1]
    for i in once:
        for step, wording, label in ((-1, "previous", "previous"), (1, "next", "next")):
            if 0 <= i + step < len(turns):
                asker.add(wording, label, [turns[i + step]], anchor=values[i], a=values[i])
        for step, kind in ((-2, "two_before"), (2, "two_after")):
            if 0 <= i + step < len(turns) and rng.random() < 0.5:
                asker.add(kind, kind, [turns[i + step]], anchor=values[i], a=values[i])
        if i + 2 in once and rng.random() < 0.7:
            asker.add("between", "between", [turns[i + 1]], anchor=values[i], second=values[i + 2], a=values[i], b=values[i + 2])
    if once:
        at = rng.choice(once)
        asker.add("ever", "ever", [turns[at]], anchor=values[at], a=values[at])
    if len(once) > 1:
        one, two = rng.sample(once, 2)
        pair = sorted((one, two))
        slots = {"a": values[one], "b": values[two]}
        kind, which = rng.choice((("order", 0), ("order_later", 1)))
        asker.add(kind, kind, [turns[i] for i in pair], values[pair[which]], values[one], values[two], **slots)
    value = rng.choice(values)
    if len(turns) > 1:
        asker.add("still", "still", turns[-1:], anchor=value, a=value)


def _as_a_whole(asker: Asker) -> None:
    turns, values = asker.track.stated, asker.track.values
    if len(turns) > 1:
        asker.add("all", "all", list(turns), ", ".join(values), among=[])
        asker.add("changes", "count.changes", turns[1:], str(len(turns) - 1), among=[])
    back = [turn for i, turn in enumerate(turns) if values[i] in values[:i]]
    if len(back) == 1:
        asker.add("return", "return", back)


def _never_held(asker: Asker) -> None:
    for mood in ("retracted", "declined", "planned"):
        found = asker.track.of_mood(mood)
        mentioned = mood != "retracted" and asker.track.of_mood("mentioned")  # these may tell of more that was declined
        if len(found) == 1 and not mentioned and found[0].fact.value not in asker.track.values:
            asker.add(mood, mood, found, among=[*asker.track.stated, *asker.track.others])


def _said(asker: Asker) -> None:
    """What goes with the statements: reasons, who told, who had asked."""
    track = asker.track
    for at, reason in track.reasons.items():
        value = track.values[at]
        if track.values.count(value) == 1:
            asker.add("reason", "reason", [track.stated[at]], reason, value, a=value)
    told = [turn for turn in track.stated if turn.speaker not in (track.person, None) and track.values.count(turn.fact.value) == 1]
    if told and not (turn := asker.rng.choice(told)).speaker.user:
        asker.add("speaker", "speaker", [turn], turn.speaker.name, turn.fact.value, a=turn.fact.value)
    if len(track.answers) == 1:
        turn, other = track.answers[0]
        called = "the assistant" if other.name == "Assistant" else _called(other)
        asker.add("asked", "asked", [turn], second=other, q=called)


def _against(asker: Asker, rivals: list[Track], order: dict[int, int]) -> None:
    """The same attribute of several people: who, who first, what both had."""
    rng, track = asker.rng, asker.track
    if track.person.user or not rivals:
        return
    among = [turn for t in (track, *rivals) for turn in t.stated]
    named = set[str]().union(*(t.named for t in (track, *rivals)))
    others = {value for t in rivals for value in t.values} | named
    alone = [turn for turn in track.stated if turn.fact.value not in others and track.values.count(turn.fact.value) == 1]
    if alone:
        turn = rng.choice(alone)
        asker.add("who_had", "who_had", [turn], track.person.name, turn.fact.value, among=among, a=turn.fact.value)
    if track.values[-1] not in {t.values[-1] for t in rivals} | named:
        asker.add("who_has", "who_has", track.stated[-1:], track.person.name, track.values[-1], among=among, a=track.values[-1])
    rival = rng.choice(rivals)
    shared = [v for v in set(track.values) & set(rival.values)]
    if len(shared) == 1 and track.values.count(shared[0]) == rival.values.count(shared[0]) == 1 and not rival.person.user:
        pair = [t.stated[t.values.index(shared[0])] for t in (track, rival)]
        pair.sort(key=lambda turn: order[id(turn)])
        slots = {"anchor": shared[0], "second": rival.person, "among": among, "q": rival.person.name}
        asker.add("who_first", "who_first", pair, pair[0].fact.person.name, a=shared[0], **slots)
        asker.add("common", "common", pair, shared[0], **(slots | {"anchor": None}))


def _around(asker: Asker, events: Iterable[tuple[str, str, dict[str, str], Turn]], order: dict[int, int]) -> None:
    """The value when something happened, and the first one after."""
    turns = asker.track.stated
    for during, after, slots, event in events:
        earlier = [turn for turn in turns if order[id(turn)] < order[id(event)]]
        if earlier:
            asker.add(during, "event", earlier[-1:], anchor=event, **slots)
        if 0 < len(earlier) < len(turns):
            asker.add(after, "after_event", [turns[len(earlier)]], anchor=event, **slots)


def dated_questions(rng: random.Random, track: Track, times: dict[int, datetime], lines: dict[int, str]) -> list[Question]:
    """Questions by date; `times` of the turns, `lines` as those turns show them that do."""
    asker = Asker(rng, track)
    turns = track.stated
    days = [times[id(turn)].date() for turn in turns]
    for at, (one, two) in enumerate(zip(days, [*days[1:], days[-1] + timedelta(9)], strict=True)):
        if (two - one).days > 1:
            day = one + timedelta(rng.randint(1, (two - one).days - 1))
            slots = {"anchor": datetime(day.year, day.month, day.day), "d": _day(rng, day)}
            asker.add("date.on", "date.on", [turns[at]], **slots)
            if at + 1 < len(turns):
                asker.add("date.after", "date.after", [turns[at + 1]], **slots)
    months = [(day.year, day.month) for day in days]
    for at, month in enumerate(months):
        if months.count(month) == 1 and len(set(months)) > 1:
            asker.add("date.month", "date.month", [turns[at]], anchor=times[id(turns[at])].replace(day=1), d=f"{days[at]:%B %Y}")
    for turn in turns:
        if id(turn) in lines and track.values.count(turn.fact.value) == 1:
            asker.add("date.when", "date.when", [turn], lines[id(turn)], turn.fact.value, a=turn.fact.value)
    return rng.sample(asker.asked, min(4, len(asker.asked)))


def _day(rng: random.Random, day: date) -> str:
    return rng.choice(DAYS).format(d=day)
