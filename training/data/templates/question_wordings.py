"""Questions about a person's attribute, a wording a line in asks/<kind>.txt.

{n} is the attribute's noun, {a} and {b} values, {e} an event, {d} a date, {q} somebody else; the person's slots are
those of `people.ask`. Those in asks/act.<kind>.txt ask without the noun, by a question word {w} and a verb phrase {act}.
"""

from __future__ import annotations

from .wordings import read_wordings

_ACT = "act."
_ALL = read_wordings("asks")

ASKS = {kind: asks for kind, asks in _ALL.items() if not kind.startswith(_ACT)}
ACT_ASKS = {kind.removeprefix(_ACT): asks for kind, asks in _ALL.items() if kind.startswith(_ACT)}
"""Wordings by kind of question."""

ASKING = (
    "Quick question: ", "Remind me: ", "For my notes: ", "Hey, do you know this? ", "I can't recall. ", "One more thing. ", "Just checking: ",
    "Help me out here. ", "It's on the tip of my tongue. ", "We talked about it at some point. ", "Question for you: ", "A detail I need: ",
    "Be so kind. ", "Look it up for me, please. ", "I should know this. ", "Asking for a friend: ",
)  # fmt: skip
