"""What the reranker's parts are taught directly: what a question asks for, whom it names, which place it wants.

The listwise loss alone teaches these slowly: a wrong order may be the fault of any of them.
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from data.record import Query
from data.templates import QUESTIONS, compose
from places import ASKED
from reranker import Reranked

RIVAL_WEIGHT = 4.0  # of a rival for the counts within, as most candidates are none; the last count is to be exact
SMALL_TALK = [["~"]]  # questions alone are asked here
CONVERSATIONS = 400  # that give all kinds of question
BY_PLACE = frozenset(
    "first second third fourth latest two_ago previous next two_before two_after between event after_event".split()
)
"""Types of question that want a rival by its place."""
NEIGHBOUR = {"previous": 1, "next": -1, "two_before": 2, "two_after": -2}
"""From the answer's place among its rivals to that of the anchor: the value that the question names, or where it names none (type
`previous`), the last."""


def draw_questions(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Templated questions with their types, without the conversations they are about."""
    asked: list[tuple[str, str]] = []
    while len(asked) < count:
        made = compose(rng, rng.choice((16, 32, 64)), SMALL_TALK, most=2 * QUESTIONS)
        asked += [(query.text, query.type) for query in made.record.queries]
    return asked[:count]


class QuestionTypes(nn.Module):
    """Tells a question's type from what the reranker reads of it; a natural question's type is the first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        types = {type for _, type in draw_questions(random.Random(0), CONVERSATIONS * QUESTIONS)}
        self.index = {type: i for i, type in enumerate(sorted(types), 1)}
        self.output = nn.Sequential(nn.Dropout(0.2), nn.Linear(ASKED * width, len(types) + 1))

    def forward(self, asked: Tensor, types: list[str | None]) -> tuple[Tensor, Tensor]:
        """asked [Q, ASKED, width] -> losses [Q], and whether each was told [Q]."""
        logits = self.output(asked.float().flatten(1))
        right = torch.tensor([self.index.get(type, 0) for type in types], device=logits.device)
        return F.cross_entropy(logits, right, reduction="none"), (logits.argmax(1) == right).float()


def rivals_loss(batch: Batch, order: Tensor, hidden: Tensor, gates: list[Tensor]) -> Tensor:
    """Cross-entropy of each count's gate [Q, N] with being a rival, for each query that has some."""
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
        wants = query.templated and query.type in BY_PLACE and len(query.evidence) == 1
        if not wants or _rivals(query) < 2 or query.evidence[0] not in query.among:
            continue
        start = int(batch.sequence[i]) * T
        column = {step: j for j, step in enumerate(steps[i])}
        rivals = [column.get(start + step) for step in query.among]
        right = query.among.index(query.evidence[0])
        shown = [j for j in rivals if j is not None]
        loss = _one(reranked.placed[i, shown], shown.index(rivals[right]))
        anchor = right + NEIGHBOUR.get(query.type, 0)
        if anchor != right and 0 <= anchor < len(rivals) and rivals[anchor] is not None:
            loss = loss + _one(reranked.anchor[i], rivals[anchor])
        losses.append(loss)
    return torch.stack(losses) if losses else reranked.placed.new_zeros(0)


def _rivals(query: Query) -> int:
    return len(query.among or [])


def _one(logits: Tensor, right: int) -> Tensor:
    return F.cross_entropy(logits[None], torch.tensor([right], device=logits.device))
