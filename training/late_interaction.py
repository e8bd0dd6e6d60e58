"""Late interaction with memory: each token of a query finds the nearest token of a segment, or of those read before it.

ColBERT's MaxSim, but what was said before a segment counts for it too, the less the longer ago: by a decay that each
token of the query brings along. A segment keeps a vector for each of its tokens, in 8 bits. Special tokens are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config

CODES = 127
SPECIAL = 1  # tokens at either end that are not the text's own
LATE_WEIGHT = 1.4  # once trained: Config.late_weight
REACH = 4  # segments before one that count for it
READ_BY = (0, REACH)  # the reaches that the reranker reads
TOGETHER = 24  # segments of like length compared at once


class Late(nn.Module):
    """Of every token state: a vector of `token_width`, and what its weight and its decay are made of."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.project = nn.Linear(config.d, config.token_width + 2)
        nn.init.orthogonal_(self.project.weight)
        nn.init.zeros_(self.project.bias)
        with torch.no_grad():
            self.project.weight[-2:].zero_()
            self.project.bias[-2:] = torch.tensor([0.5, 2.2])

    def forward(self, states: Tensor) -> Tensor:
        """[..., d] -> [..., t + 2], raw."""
        return self.project(states)


def query_tokens(raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Raw rows [n, t + 2] of a query's tokens -> vectors of length 1 [n, t], weights [n] whose sum is 1, decays [n]."""
    weights = F.softplus(raw[:, -2])
    return F.normalize(raw[:, :-2], dim=-1), weights / weights.sum().clamp(min=1e-9), raw[:, -1].sigmoid()


def segment_tokens(raw: Tensor) -> Tensor:
    """Raw rows [n, t + 2] -> vectors [n, t] of 8-bit codes over CODES; the gradient passes the rounding."""
    vectors = F.normalize(raw[:, :-2], dim=-1)
    return vectors + ((vectors * CODES).round() / CODES - vectors).detach()


def late_scores(queries: list[Tensor], segments: list[Tensor], steps: Tensor, reach: int = REACH) -> Tensor:
    """Scores [Q, N] of texts given as raw rows [n, t + 2] of their own tokens.

    steps [N]: of the segments, which stand one behind the other, each sequence from step 0 on. A token finds 0 where a
    segment has none; reach 0: segments by themselves.
    """
    return compare(queries, segments, steps, (reach,)).scores()[0]


@dataclass
class Compared:
    """What the tokens of Q queries, P in all, find in N segments."""

    found: list[Tensor]  # by reach, [P, N]
    weights: Tensor  # [P]
    counts: list[int]  # tokens of each query

    @property
    def owner(self) -> Tensor:
        """Of which query each token is [P]."""
        counts = torch.tensor(self.counts, dtype=torch.long, device=self.weights.device)
        return torch.arange(len(counts), device=counts.device).repeat_interleave(counts)

    def scores(self) -> list[Tensor]:
        """By reach, [Q, N]."""
        none = self.found[0].new_zeros(len(self.counts), self.found[0].shape[1])
        return [none.index_add(0, self.owner, found * self.weights[:, None]) for found in self.found]

    def by_query(self) -> Tensor:
        """[Q, reaches, N, n] of all tokens, special ones included, which find 0, as what pads a query does."""
        return torch.stack([self._padded(found) for found in self.found], 1)

    def _padded(self, found: Tensor) -> Tensor:
        own = [F.pad(part, (0, 0, SPECIAL, SPECIAL)) for part in found.split(self.counts)]
        return nn.utils.rnn.pad_sequence(own, batch_first=True).transpose(1, 2)


def compare(queries: list[Tensor], segments: list[Tensor], steps: Tensor, reaches: tuple[int, ...]) -> Compared:
    """Of texts as `late_scores` takes them, their tokens compared once for several reaches."""
    counts = [len(raw) for raw in queries]
    if not queries or not segments:
        return Compared([torch.zeros(sum(counts), len(segments)) for _ in reaches], torch.zeros(sum(counts)), counts)
    asked = [query_tokens(raw) for raw in queries]
    vectors, weights, decays = (torch.cat(parts) for parts in zip(*asked, strict=True))
    found, steps = nearest(vectors, segments), steps.to(vectors.device)
    return Compared([remembered(found, decays, steps, reach) for reach in reaches], weights, counts)


def nearest(vectors: Tensor, segments: list[Tensor]) -> Tensor:
    """The greatest cosine [P, N] that each vector [P, t] has with a token of each segment, 0 where there is none."""
    order = sorted(range(len(segments)), key=lambda i: len(segments[i]))
    columns = []
    for start in range(0, len(order), TOGETHER):
        group = [segment_tokens(segments[i]) for i in order[start : start + TOGETHER]]
        lengths = torch.tensor([len(tokens) for tokens in group], device=vectors.device)
        padded = nn.utils.rnn.pad_sequence(group, batch_first=True)  # [n, longest, t]
        if not padded.shape[1]:
            columns.append(vectors.new_zeros(len(vectors), len(group)))
            continue
        hidden = torch.arange(padded.shape[1], device=vectors.device) >= lengths[:, None].clamp(min=1)
        similar = (vectors @ padded.flatten(0, 1).T).view(len(vectors), len(group), -1)
        columns.append(similar.masked_fill(hidden, -2.0).amax(-1))
    back = torch.tensor(order, device=vectors.device).argsort()
    return torch.cat(columns, 1)[:, back]


def remembered(found: Tensor, decays: Tensor, steps: Tensor, reach: int) -> Tensor:
    """found [P, N] in each segment -> the greatest of it and of what was found a segments before, times decay ** a."""
    best = found
    for age in range(1, min(reach, found.shape[1] - 1) + 1):
        before = F.pad(found[:, :-age] * decays[:, None] ** age, (age, 0))
        best = torch.where(steps >= age, torch.maximum(best, before), best)
    return best
