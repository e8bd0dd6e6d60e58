"""Checks a conversation against its own facts, apart from the code that wrote it."""

from __future__ import annotations

from datetime import datetime

from .layout import Conversation
from .people import Person
from .thread import Question, Turn

ANSWER_ELSEWHERE = {"count", "count.changes", "all", "who_had", "who_has", "speaker", "who_first"}
"""Kinds whose answer is not a text of the evidence: a number, a list, a person."""
PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "latest": -1, "before_latest": -2, "two_ago": -3}
STEPS = {"previous": -1, "next": 1, "two_before": -2, "two_after": 2, "between": 1, "order.before": -1, "order.after": 1}
NAMED = {"ever", "reason", "speaker", "date.when"}
"""Kinds that ask about the statement of the value they name."""


class TemplateError(AssertionError):
    """A generated conversation contradicts its labels."""


def certain(conversation: Conversation) -> Conversation:
    """The conversation without the questions that the facts of several threads together make uncertain."""
    pairs = zip(conversation.record.queries, conversation.questions, strict=True)
    kept = [(query, question) for query, question in pairs if _problem(conversation, question) is None]
    conversation.record.queries = [query for query, _ in kept]
    conversation.questions = [question for _, question in kept]
    return conversation


def verify(conversation: Conversation) -> Conversation:
    """Returns the conversation, or raises TemplateError naming the first label that is wrong."""
    record = conversation.record.check()
    for query, question in zip(record.queries, conversation.questions, strict=True):
        problem = _problem(conversation, question)
        if problem is None and query.among is not None and not set(query.evidence) <= set(query.among):
            problem = "evidence is not among the candidates"
        if problem is None and not query.type:
            problem = "no type"
        if problem:
            texts = [record.segments[i] for i in query.evidence]
            raise TemplateError(f"{record.id}: {query.type}: {query.text!r}: {problem}; evidence {texts}")
    return conversation


def _problem(conversation: Conversation, question: Question) -> str | None:
    texts = [conversation.record.segments[conversation.place[id(turn)]].lower() for turn in question.evidence]
    texts += [turn.text.lower() for turn in question.named]
    if question.type not in ANSWER_ELSEWHERE and not any(question.answer.lower() in text for text in texts):
        return f"the answer {question.answer!r} is not in the evidence"
    expected = _expected(conversation, question)
    if {id(turn) for turn in expected} != {id(turn) for turn in question.evidence}:
        return f"the facts say {[turn.text for turn in expected]}"
    answer = _answer(question, expected)
    return f"the answer is {answer!r}" if answer not in (None, question.answer) else None


def _answer(question: Question, evidence: list[Turn]) -> str | None:
    """The answer where the facts of the evidence are not it; None where another check has been made."""
    match question.type:
        case "count" | "count.changes":
            return str(len(evidence))
        case "all":
            return ", ".join(turn.fact.value for turn in evidence)
        case "who_had" | "who_has" | "who_first":
            return evidence[0].fact.person.name
        case "order" | "order_later":
            return evidence[0 if question.type == "order" else 1].fact.value
        case "speaker":
            return evidence[0].speaker.name
    return None


def _expected(conversation: Conversation, question: Question) -> list[Turn]:
    """The evidence as the order of the facts in the conversation has it; none where it is not certain."""
    person, key = question.about
    told = _facts(conversation, person, key)
    history = [turn for turn in told if turn.fact.holds]
    values = [turn.fact.value for turn in history]
    if question.type in ("retracted", "declined", "planned"):
        found = [turn for turn in told if turn.fact.mood == question.type]
        return found if len(found) == 1 and found[0].fact.value not in values else []
    kind, anchor = question.type, question.anchor
    if kind in PLACES:
        at = PLACES[kind]
        return history[at:][:1] if -len(history) <= at < len(history) else []
    if kind in STEPS:
        return _step(question, history, values)
    if kind in NAMED:
        return [turn for turn in history if turn.fact.value == anchor] if values.count(anchor) == 1 else []
    if kind in ("event", "after_event"):
        return _around(conversation, history, anchor, kind)
    if kind.startswith("date."):
        return _by_date(conversation, history, anchor, kind)
    match kind:
        case "still":
            return history[-1:]
        case "count.changes":
            return history[1:]
        case "return":
            return [turn for i, turn in enumerate(history) if values[i] in values[:i]]
        case "order" | "order_later":
            named = [turn for turn in history if turn.fact.value in (anchor, question.second)]
            return named if len(named) == 2 else []
        case "asked":
            return _answered(conversation, history, question)
        case "who_had" | "who_has" | "who_first" | "common":
            return _among_people(conversation, history, question)
        case "reply.asked":
            about = [t for t in conversation.turns if t.fact and t.fact.person == person and _alike(key, t.fact.key)]
            return about if len(about) == 1 else []
    return history


def _step(question: Question, history: list[Turn], values: list[str]) -> list[Turn]:
    if values.count(question.anchor) != 1:
        return []
    at = values.index(question.anchor) + STEPS[question.type]
    if question.type == "between" and (values.count(question.second) != 1 or values.index(question.second) != at + 1):
        return []
    return history[at : at + 1] if at >= 0 else []


def _around(conversation: Conversation, history: list[Turn], event: Turn, kind: str) -> list[Turn]:
    order = {id(turn): i for i, turn in enumerate(conversation.turns)}
    before = [turn for turn in history if order[id(turn)] < order[id(event)]]
    return before[-1:] if kind == "event" else history[len(before) : len(before) + 1]


def _by_date(conversation: Conversation, history: list[Turn], day: datetime, kind: str) -> list[Turn]:
    days = [conversation.times[id(turn)].date() for turn in history]
    if kind == "date.month":
        found = [turn for turn, d in zip(history, days, strict=True) if (d.year, d.month) == (day.year, day.month)]
        return found if len(found) == 1 else []
    if day.date() in days:
        return []
    before = [turn for turn, d in zip(history, days, strict=True) if d < day.date()]
    return before[-1:] if kind == "date.on" else history[len(before) : len(before) + 1]


def _answered(conversation: Conversation, history: list[Turn], question: Question) -> list[Turn]:
    """The one statement that the person named asked for in the turn before."""
    before = {id(b): a for a, b in zip(conversation.turns, conversation.turns[1:], strict=False)}
    found = [t for t in history if (a := before.get(id(t))) and a.speaker == question.second and a.text.endswith("?") and not a.fact]
    return found if len(found) == 1 else [turn for turn in found if turn in question.evidence]


def _among_people(conversation: Conversation, history: list[Turn], question: Question) -> list[Turn]:
    _, key = question.about
    everybody = [turn for turn in conversation.turns if turn.fact and turn.fact.holds and turn.fact.key == key]
    if question.type == "who_has":
        last = {turn.fact.person: turn for turn in everybody}
        found = [turn for turn in last.values() if turn.fact.value == question.anchor]
        return found if len(found) == 1 else []
    theirs = [turn for turn in everybody if turn.fact.person == question.second]
    if question.type == "common":
        both = {t.fact.value for t in history} & {t.fact.value for t in theirs}
        return [t for t in (*history, *theirs) if t.fact.value in both] if len(both) == 1 else []
    named = [turn for turn in everybody if turn.fact.value == question.anchor]
    if question.type == "who_had":
        return named if len(named) == 1 else []
    people = {question.about[0], question.second}
    named = [turn for turn in named if turn.fact.person in people]
    return named if len(named) == 2 and {turn.fact.person for turn in named} == people else []


def _alike(thing: str, key: str) -> bool:
    """Whether a fact of this key is about the thing, or one of the same name: a kayak, a blue kayak."""
    return thing in key or key.rsplit(":", 1)[-1] in thing


def _facts(conversation: Conversation, person: Person, key: str) -> list[Turn]:
    return [turn for turn in conversation.turns if turn.fact and (turn.fact.person, turn.fact.key) == (person, key)]
