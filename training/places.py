"""What a question asks for, and the places it wants: the first of a kind, the last but one, the next after X."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config

ASKED = 8  # rows that tell what a question asks for
TYPES = 72  # of question that can be told apart; the first is none of the others
PLACES = ((0, 1, 2, 3), (0, 1, 2), (-2, -1, 0, 1, 2))  # counted from the first, from the last, from the anchor
SHARP = 2.0  # how soon a soft count is off a place
DECIDED = 2.0  # many candidates that are hardly likely shall not count as one
ANCHOR, LATE_ANCHOR = 40.0, 1.2  # of the cosine with the question, and of late interaction's z-score
STEP = 30.0  # lets what is wanted change faster in training
TEMPLATED: tuple[str, ...] = tuple(
    (
        "after_event|all|asked|before_latest|between|common|content|count|count.changes|date.after|date.month|date.on|"
        "date.when|declined|event|ever|first|fourth|latest|next|order|order.after|order.before|order_later|planned|"
        "previous|reason|reference|reply.asked|reply.colour|reply.how far along|reply.how long|reply.how many|"
        "reply.how much|reply.how often|reply.how old|reply.how was|reply.no or yes|reply.option|reply.what for|"
        "reply.what next|reply.when|reply.whence|reply.where|reply.which size|reply.who|reply.why|reply.with whom|"
        "reply.yes|retracted|return|second|speaker|still|third|two_after|two_ago|two_before|who|who_first|who_had|"
        "who_has"
    ).split("|")
)
"""The types of templated questions; new ones go to the end."""
TYPE_INDEX: dict[str | None, int] = {None: 0} | {type: i for i, type in enumerate(TEMPLATED, 1)}
"""Where each type stands among the TYPES."""
BY_PLACE = tuple(
    "first second third fourth latest before_latest two_ago previous next two_before two_after between event after_event".split()
)
"""Types of question that want a rival by its place."""


def around(gate: Tensor) -> tuple[Tensor, Tensor]:
    """Gates [Q, N, ...] in order -> how many are open before each, and after it."""
    through = gate.cumsum(1)
    return through - gate, through[:, -1:] - through


class Question(nn.Module):
    """Reads a question's tokens: their mean tells what it is about, but hardly which of several it wants."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.d)
        self.attention = nn.Linear(config.d, ASKED)
        self.value = nn.Linear(config.d, config.rerank_width)
        self.position = nn.Parameter(torch.randn(ASKED, config.rerank_width) * 0.1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        """states [Q, n, d] of the middle layer, hidden [Q, n] padding -> rows [Q, ASKED, width]."""
        x = self.dropout(self.norm(states))
        logits = self.attention(x).float().masked_fill(hidden[..., None], -1e4)
        return F.gelu(logits.softmax(1).to(x.dtype).transpose(1, 2) @ self.value(x))


class Places(nn.Module):
    """Scores each candidate by its place among those of the asked kind.

    How likely a candidate has each place follows from soft counts; which places are wanted, the question's type tells.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.kind = nn.Linear(width, 1)  # what to add to the last gate
        self.anchor = nn.Linear(width, 1, bias=False)
        self.classifier = nn.Linear(ASKED * width, TYPES)
        self.dropout = nn.Dropout(0.2)
        self.wanted = nn.Linear(TYPES, sum(map(len, PLACES)), bias=False)
        for weight in (self.kind.weight, self.kind.bias, self.anchor.weight, self.wanted.weight):
            nn.init.zeros_(weight)

    def types(self, asked: Tensor) -> Tensor:
        """asked [Q, ASKED, width] -> logits [Q, TYPES] of what type each question has."""
        return self.classifier(self.dropout(asked.flatten(1))).float()

    def by_place(self, types: Tensor) -> Tensor:
        """types [Q, TYPES] -> how likely each question asks by place [Q]."""
        return types.softmax(-1)[:, [TYPE_INDEX[type] for type in BY_PLACE]].sum(-1)

    def forward(
        self, types: Tensor, x: Tensor, last_gate: Tensor, static: Tensor, late: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """types [Q, TYPES] as above, x [Q, N, width] ascending by step, last_gate [Q, N] the logits of the gate that
        the reranker counted by last, static [Q, N] cosines with the question, late [Q, N] z-scores of late interaction,
        hidden [Q, N].

        -> scores [Q, N], and the logits [Q, N] of being of the kind and of being the anchor, which the question counts from.
        Place scores tell the gates nothing: those that are sure of a wrong place would shut rather than count.
        """
        kind = last_gate.float() + self.kind(x)[..., 0].float()
        gate = (DECIDED * kind.detach()).sigmoid() * ~hidden
        before, after = around(gate)
        anchor = self.anchor(x)[..., 0].float() + ANCHOR * static.float() + LATE_ANCHOR * late.float()
        anchor = anchor.masked_fill(hidden, -1e4)
        beside = before - (anchor.softmax(-1) * before).sum(-1, keepdim=True)
        likely = [
            torch.exp(-SHARP * (count - place).square())
            for count, places in zip((before, after, beside), PLACES, strict=True)
            for place in places
        ]
        wanted = STEP * self.wanted(types.softmax(-1)).float()
        return (torch.stack(likely, -1) * wanted[:, None]).sum(-1) * gate, kind, anchor
