"""What a question asks for, and the places it wants: the first of a kind, the last but one, the next after X."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config

ASKED = 8  # rows that tell what a question asks for
TYPES = 72  # of question that can be told apart; the first is none of the others
PLACES = ((0, 1, 2, 3), (0, 1, 2), (-2, -1, 0, 1, 2))  # counted from the first, from the last, from the anchor
SURE = 7.0  # logits of being of the kind at most, for sums of odds in f32
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
_BY_PLACE = [TYPE_INDEX[type] for type in BY_PLACE]


def likely_places(kind: Tensor, anchor: Tensor) -> list[Tensor]:
    """How likely each of N candidates has each of PLACES, if it is of the kind: [Q, N] each; exact, as the kinds are independent.

    kind [Q, N]: logits of being of the kind, in order, at most SURE; anchor [Q, N]: how likely each is what is counted
    from, of the kind or not.
    """
    before = _likely_before(kind, len(PLACES[0]))
    after = [likely.flip(1) for likely in _likely_before(kind.flip(1), len(PLACES[1]))]
    none = torch.exp(-_between(F.softplus(kind))).triu(1)
    one = none * _between(kind.exp()).clamp(min=0)
    from_later = [(likely * anchor[:, None]).sum(2) for likely in (one, none)]
    from_earlier = [(likely * anchor[..., None]).sum(1) for likely in (none, one)]
    return [*before, *after, *from_later, anchor, *from_earlier]


def _likely_before(kind: Tensor, most: int) -> list[Tensor]:
    """Logits [Q, N] -> how likely 0, 1, ... most - 1 of those before each are of the kind [Q, N].

    That none is, is the product of what each is not; that n are, this times the sum over choices of n of their odds' product.
    """
    odds, none = kind.exp(), torch.exp(-_sum_before(F.softplus(kind)))
    choices, likely = torch.ones_like(kind), []
    for _ in range(most):
        likely.append(none * choices)
        choices = _sum_before(odds * choices)
    return likely


def _sum_before(x: Tensor) -> Tensor:
    """x [Q, N] -> sums of what stands before each [Q, N]."""
    return F.pad(x.cumsum(1)[:, :-1], (1, 0))


def _between(x: Tensor) -> Tensor:
    """x [Q, N] -> sums [Q, N, N] of what stands between an earlier one (row) and a later one (column), 0 else."""
    return (_sum_before(x)[:, None] - x.cumsum(1)[..., None]).triu(1)


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

    How likely a candidate has each place follows from how likely each is of that kind; which places are wanted, the
    question's type tells.
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

    @torch.no_grad()
    def weigh(self, weight: float) -> None:
        """Multiplies the place score of questions that ask by place; above 1 places decide more."""
        self.wanted.weight[:, _BY_PLACE] *= weight

    def types(self, asked: Tensor) -> Tensor:
        """asked [Q, ASKED, width] -> logits [Q, TYPES] of what type each question has."""
        return self.classifier(self.dropout(asked.flatten(1))).float()

    def by_place(self, types: Tensor) -> Tensor:
        """types [Q, TYPES] -> how likely each question asks by place [Q]."""
        return types.softmax(-1)[:, _BY_PLACE].sum(-1)

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
        anchor = self.anchor(x)[..., 0].float() + ANCHOR * static.float() + LATE_ANCHOR * late.float()
        anchor = anchor.masked_fill(hidden, -1e4)
        sure = kind.detach().clamp(max=SURE).masked_fill(hidden, -torch.inf)
        likely = torch.stack(likely_places(sure, anchor.softmax(-1)), -1)
        wanted = STEP * self.wanted(types.softmax(-1)).float()
        return (likely * wanted[:, None]).sum(-1) * sure.sigmoid(), kind, anchor
