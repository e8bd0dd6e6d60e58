"""Bare replies of one type: openers that name a thing, replies that do not, and what may be asked afterwards.

In openers {t} is the thing; `asked` ones come from the other person, `told` ones from the replier
(the other then asks on, without the thing). In questions {p} is the replier, {o} the other person.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplyTable:
    type: str
    things: tuple[str, ...]
    asked: tuple[str, ...]
    told: tuple[str, ...]
    probes: tuple[str, ...]
    values: tuple[str, ...]
    replies: tuple[str, ...]
    questions: tuple[str, ...]


def table(
    kind: str, things: list[str], asked: str, told: str, probes: str, values: str, replies: str, questions: str
) -> ReplyTable:
    """Lines of wordings; `values` with | between them."""

    def lines(text: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in text.strip().splitlines())

    return ReplyTable(f"reply.{kind}", tuple(things), lines(asked), lines(told), lines(probes),
                      tuple(value.strip() for value in values.split("|")), lines(replies), lines(questions))  # fmt: skip
