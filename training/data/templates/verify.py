"""Checks a conversation against its own facts, apart from the code that wrote it."""

from __future__ import annotations

from .layout import Conversation
from .people import Person
from .thread import Question, Turn

ORDERED = {"first", "latest", "previous", "next", "second", "third", "event", "after_event",
           "order.after", "order.before"}  # fmt: skip


class TemplateError(AssertionError):
    """A generated conversation contradicts its labels."""


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
    if question.type != "count" and not any(question.answer.lower() in text for text in texts):
        return f"the answer {question.answer!r} is not in the evidence"
    if question.type == "count" and question.answer != str(len(question.evidence)):
        return "the count is wrong"
    expected = _expected(conversation, question)
    if {id(turn) for turn in expected} != {id(turn) for turn in question.evidence}:
        return f"the facts say {[turn.text for turn in expected]}"
    return None


def _expected(conversation: Conversation, question: Question) -> list[Turn]:
    """The evidence as the order of the facts in the conversation has it."""
    person, key = question.about
    if question.type == "retracted":
        return [turn for turn in _facts(conversation, person, key) if not turn.fact.holds]
    history = [turn for turn in _facts(conversation, person, key) if turn.fact.holds]
    if question.type not in ORDERED:
        return history
    values = [turn.fact.value for turn in history]
    match question.type:
        case "first":
            return history[:1]
        case "second":
            return history[1:2]
        case "third":
            return history[2:3]
        case "latest":
            return history[-1:]
        case "previous" if question.anchor is None:
            return history[-2:-1]
    if question.type in ("previous", "next", "order.before", "order.after"):
        if values.count(question.anchor) != 1:
            return []
        at = values.index(question.anchor) + (1 if question.type in ("next", "order.after") else -1)
        return history[at : at + 1] if at >= 0 else []
    order = {id(turn): i for i, turn in enumerate(conversation.turns)}
    before = [turn for turn in history if order[id(turn)] < order[id(question.anchor)]]
    return before[-1:] if question.type == "event" else history[len(before) : len(before) + 1]


def _facts(conversation: Conversation, person: Person, key: str) -> list[Turn]:
    return [turn for turn in conversation.turns if turn.fact and (turn.fact.person, turn.fact.key) == (person, key)]
