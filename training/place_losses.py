"""What the reranker's parts are taught directly: what a question asks for, whom it names, which place it wants.

The listwise loss alone teaches these slowly: a wrong order may be the fault of any of them.
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from batch import Batch
from data.record import Query
from data.templates import QUESTIONS, compose
from places import BY_PLACE, TYPE_INDEX
from reranker import Reranked

RIVAL_WEIGHT = 4.0  # of a rival for the gates that are counted within, as most candidates are none; that of places is to be exact
SMALL_TALK = [["~"]]  # questions alone are asked here
NEIGHBOUR = {"previous": 1, "next": -1, "two_before": 2, "two_after": -2}
"""From the answer's place among its rivals to that of the anchor: the value that the question names."""
CHANGING = frozenset(("first", "latest", "previous", "next"))
"""Types that natural questions have as templated ones do: they ask for one of several rivals."""


def asked_type(query: Query) -> str | None:
    """A query's type as templates have it, if any."""
    return query.type if query.templated or (query.type in CHANGING and _rivals(query) > 1) else None


def draw_questions(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Templated questions with their types, without the conversations they are about."""
    asked: list[tuple[str, str]] = []
    while len(asked) < count:
        made = compose(rng, rng.choice((16, 32, 64)), SMALL_TALK, most=2 * QUESTIONS)
        asked += [(query.text, query.type) for query in made.record.queries]
    return asked[:count]


def types_loss(logits: Tensor, types: list[str | None]) -> tuple[Tensor, Tensor]:
    """logits [Q, TYPES] -> losses [Q], and whether each was told [Q]; KeyError names a type that TEMPLATED lacks."""
    right = torch.tensor([TYPE_INDEX[type] for type in types], device=logits.device)
    return F.cross_entropy(logits, right, reduction="none"), (logits.argmax(1) == right).float()


def rivals_loss(batch: Batch, order: Tensor, hidden: Tensor, gates: list[Tensor]) -> Tensor:
    """Cross-entropy of each gate [Q, N], of places the last, with being a rival, for each query that has some."""
    asked = [i for i, query in enumerate(batch.queries) if _rivals(query) > 1]
    rival = batch.rival.float().to(order.device).gather(1, order)[asked]
    shown = (~hidden[asked]).float()
    weights = [RIVAL_WEIGHT] * (len(gates) - 1) + [1.0]
    losses = [
        F.binary_cross_entropy_with_logits(
            gate[asked].float(), rival, reduction="none", pos_weight=torch.tensor(weight, device=order.device)
        )
        for gate, weight in zip(gates, weights, strict=True)
    ]
    return (sum(losses) * shown).sum(1) / shown.sum(1).clamp(min=1)


def places_loss(batch: Batch, order: Tensor, reranked: Reranked) -> Tensor:
    """Losses of the queries that want a rival by its place: of the place, and of the anchor."""
    losses, T, steps = [], batch.shape[1], order.tolist()
    for i, query in enumerate(batch.queries):
        wants = asked_type(query) in BY_PLACE and len(query.evidence) == 1
        if not wants or _rivals(query) < 2 or query.evidence[0] not in query.among:
            continue
        start = int(batch.sequence[i]) * T
        column = {step: j for j, step in enumerate(steps[i])}
        rivals = [column.get(start + step) for step in query.among]
        right = query.among.index(query.evidence[0])
        if rivals[right] is None:
            continue
        shown = [j for j in rivals if j is not None]
        loss = _one(reranked.placed[i, shown], shown.index(rivals[right]))
        anchor = _anchor(query)
        if anchor is not None and start + anchor in column:
            loss = loss + _one(reranked.anchor[i], column[start + anchor])
        losses.append(loss)
    return torch.stack(losses) if losses else reranked.placed.new_zeros(0)


def _anchor(query: Query) -> int | None:
    """The segment that a query for one of several rivals counts from, if any."""
    if query.type not in NEIGHBOUR:
        return query.anchor
    at = query.among.index(query.evidence[0]) + NEIGHBOUR[query.type]
    return query.among[at] if 0 <= at < len(query.among) else None


def _rivals(query: Query) -> int:
    return len(query.among or [])


def _one(logits: Tensor, right: int) -> Tensor:
    return F.cross_entropy(logits[None], torch.tensor([right], device=logits.device))
