"""Listwise reranker: reads the top candidates of one query together, in the order they were said.

What a score of one vector with another cannot tell (first, previous, second: it takes the others to know)
is told here from the candidates' vectors, latents and steps. Attention among them is biased by order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config
from matches import Matches
from places import ASKED, Places, Question

REACH = 6  # differences of rank beyond this are alike
KINDS = 8  # gates that count
FEATURES = 18


class OrderedBlock(nn.Module):
    """Self-attention over [query rows; candidates], with a bias by difference of rank; pre-norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.order = nn.Parameter(torch.zeros(2 * REACH + 2, heads))  # the last row: to a query row
        self.feedforward_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x: Tensor, buckets: Tensor, hidden: Tensor) -> Tensor:
        """x [Q, L, width], buckets [L, L] row of `order`, hidden [Q, L] rows that are padding."""
        Q, L, width = x.shape
        q, k, v = (
            part.view(Q, L, self.heads, -1).transpose(1, 2)
            for part in self.query_key_value(self.norm(x)).chunk(3, -1)
        )
        logits = q @ k.transpose(2, 3) / math.sqrt(width // self.heads) + self.order[buckets].permute(2, 0, 1)
        weights = logits.masked_fill(hidden[:, None, None], -1e9).float().softmax(-1).to(v.dtype)
        x = x + self.output((weights @ v).transpose(1, 2).reshape(Q, L, width))
        return x + self.down(F.silu(self.up(self.feedforward_norm(x))))


class Counts(nn.Module):
    """How many candidates of a kind stand before and after each: what "first", "second", "previous" ask for.

    Kinds are learned gates; a softmax cannot count, a running sum can.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, KINDS)
        self.output = nn.Linear(4 * KINDS, width)

    def forward(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """x [Q, N, width] ascending by step, hidden [Q, N] -> what to add to x, and the gates' logits [Q, N, KINDS]."""
        kind = self.gate(x)
        gate = kind.sigmoid() * (~hidden).to(x.dtype)[..., None]
        before, after = _around(gate)
        return self.output(torch.cat([torch.exp(-before), torch.exp(-after), before / 4, after / 4], -1)), kind


def _around(gate: Tensor) -> tuple[Tensor, Tensor]:
    """Gates [Q, N, ...] in order -> how many are open before each, and after it."""
    through = gate.cumsum(1)
    return through - gate, through[:, -1:] - through


@dataclass
class Reranked:
    """What came of reranking N candidates of Q queries."""

    score: Tensor  # [Q, N]
    types: Tensor  # logits [Q, TYPES] of what type each question has
    gates: list[Tensor]  # logits [Q, N] of being of the asked kind, as each count has them and the places at last
    placed: Tensor  # [Q, N], the part of the score that is by place
    anchor: Tensor  # logits [Q, N] of being what the question counts from


class Reranker(nn.Module):
    """Blocks over [query rows; candidates], each but the last followed by counts; at last, places."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        if config.rerank_layers < 2:
            raise ValueError(f"rerank_layers {config.rerank_layers} is below 2: counts stand between layers")
        d, width = config.d, config.rerank_width
        self.d = d
        self.candidate = nn.Linear(5 * d, width)
        self.features = nn.Linear(FEATURES, width)
        self.query = nn.Linear(2 * d, width)
        self.query_row = nn.Linear(d, width)
        self.question = Question(config)
        self.matches = Matches(config)
        self.row_position = nn.Parameter(torch.randn(config.memory_queries, width) * 0.1)
        self.blocks = nn.ModuleList(
            [OrderedBlock(width, config.rerank_heads) for _ in range(config.rerank_layers)]
        )
        self.counts = nn.ModuleList([Counts(width) for _ in range(config.rerank_layers - 1)])
        self.norm = nn.LayerNorm(width)
        self.score = nn.Linear(width, 1)
        self.places = Places(width)
        nn.init.normal_(self.features.weight, std=0.5)
        nn.init.zeros_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    @torch.no_grad()
    def weigh(self, weight: float) -> None:
        """Multiplies what the reranker adds to the first scores but by place; below 1 they decide more."""
        self.score.weight *= weight
        self.score.bias *= weight

    def forward(self, *inputs: Tensor) -> Tensor:
        """New scores [Q, N]; takes what `rerank` does."""
        return self.rerank(*inputs).score

    def rerank(
        self,
        score: Tensor,
        late: Tensor,
        found: Tensor,
        embedding: Tensor,
        latent: Tensor,
        step: Tensor,
        query: Tensor,
        trust: Tensor,
        query_step: Tensor,
        query_rows: Tensor,
        query_states: Tensor,
        query_hidden: Tensor | None = None,
        hidden: Tensor | None = None,
    ) -> Reranked:
        """The candidates of Q queries, N each, ascending by step.

        score and late [Q, N], both z-scored over the candidates (late: of late interaction); found [Q, 2, N, n]: what the
        question's tokens find in each, by itself and with those before it, 0 for special ones; embedding [Q, N, 2 d + m];
        latent [Q, N, d] (mean over K); step [Q, N]; query [Q, 2 d + m]; trust [Q], the share that counts of what is
        added beside place scores, unless the question asks by place; query_step [Q]; query_rows [Q, K, d]; query_states
        [Q, n, d] of the question's tokens in the middle layer, special ones included; query_hidden [Q, n] and hidden
        [Q, N]: padding.
        """
        d, (Q, N), K = self.d, score.shape, query_rows.shape[1]
        if hidden is None:
            hidden = torch.zeros_like(score, dtype=torch.bool)
        if query_hidden is None:
            query_hidden = torch.zeros_like(query_states[..., 0], dtype=torch.bool)
        p, context = embedding[..., :d], embedding[..., d : 2 * d]
        query_p, query_context = query[:, None, :d], query[:, None, d : 2 * d]
        steps, now = step.to(p.dtype), query_step.to(p.dtype)[:, None]
        place = torch.arange(N, device=step.device, dtype=p.dtype) / 48
        parts = [d, d, embedding.shape[-1] - 2 * d]
        dots = [part.sum(-1) for part in (embedding * query[:, None]).split(parts, -1)]
        told = [score, *dots, place.expand(Q, N), steps / (now + 1), torch.log1p((now - steps).clamp(min=0)) / 10]
        told += _beside_the_best(score, dots, p, hidden)
        told += [late, _behind(late, hidden, 1)]
        scale = math.sqrt(d)
        content = [p * scale, context * scale, latent, p * query_p * d, context * query_context * d]
        candidates = self.candidate(torch.cat(content, -1)) + self.features(torch.stack(told, -1))
        candidates = candidates + self.matches(query_states, query_hidden, found, hidden)
        asked = self.question(query_states, query_hidden)
        rows = [
            asked + self.question.position,
            self.query(query[:, None, : 2 * d] * scale),
            self.query_row(query_rows) + self.row_position,
            candidates,
        ]
        x = torch.cat(rows, 1)
        front = ASKED + 1 + K
        rank = torch.arange(N + front, device=step.device)
        buckets = (rank[None, :] - rank[:, None]).clamp(-REACH, REACH) + REACH
        to_query = (rank[None, :] < front) | (rank[:, None] < front)
        buckets = torch.where(to_query, torch.full_like(buckets, 2 * REACH + 1), buckets)
        gates = []
        all_hidden = F.pad(hidden, (front, 0))
        for i, block in enumerate(self.blocks):
            x = block(x, buckets, all_hidden)
            if i < len(self.counts):
                counted, kind = self.counts[i](x[:, front:], hidden)
                x = torch.cat([x[:, :front], x[:, front:] + counted], 1)
                gates.append(kind[..., 0])
        x = self.norm(x[:, front:])
        types = self.places.types(asked)
        placed, kind, anchor = self.places(types, x, gates[-1], dots[0], late, hidden)
        by_place = self.places.by_place(types)
        added = (1 - (1 - trust) * (1 - by_place))[:, None] * self.score(x).squeeze(-1)
        placed = by_place[:, None] * placed
        return Reranked(score + added + placed, types, [*gates, kind], placed, anchor)


def _beside_the_best(score: Tensor, dots: list[Tensor], p: Tensor, hidden: Tensor) -> list[Tensor]:
    """Nine features [Q, N]: how far each candidate is behind the best one, and beside the anchor.

    Statements of one changing fact are about as near to the question as the nearest. The anchor is the candidate (a
    sharp mean of some) nearest by static vectors: for "the one before X" it tells X. dots [Q, N] of each part, p [Q, N, d].
    """
    static, context, clock = dots
    near = _behind(static, hidden, 10)
    anchor = (40 * static).masked_fill(hidden, -1e4).softmax(-1)
    rank = torch.arange(score.shape[1], device=score.device, dtype=p.dtype)
    like_anchor = (p * (anchor[..., None] * p).sum(1, keepdim=True)).sum(-1)
    after_anchor = (rank - (anchor * rank).sum(-1, keepdim=True)) / 4
    return [
        _behind(score, hidden, 1),
        near,
        _behind(context, hidden, 4),
        _behind(clock, hidden, 4),
        near.exp(),
        _behind(static, hidden, 25).exp(),
        _behind(like_anchor, hidden, 5),
        _behind(like_anchor, hidden, 8).exp(),
        after_anchor.clamp(-3, 3),
    ]


def _behind(x: Tensor, hidden: Tensor, scale: float) -> Tensor:
    """x [Q, N] below its greatest that is not hidden, at most 6 / scale."""
    best = x.masked_fill(hidden, -1e4).amax(-1, keepdim=True)
    return ((x - best) * scale).clamp(-6, 0)
