"""The controls without a memory that the evolvable model must beat, besides the static one.

They stand on the encoder that the head reads, frozen as it is for the head, and are trained on its very batches
(stage `controls`), each read once and visited VISITS times, as they have few weights that take long to grow. Both know
the order of the segments; neither can know what was said before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from distributed import gather, mean, place
from encoding import Reader
from losses import info_nce, top1

TEMPERATURE = 0.05
SCALES = (2, 8, 32, 128)
FEATURES = 2 * (len(SCALES) + 1) + 1
REACH = 8  # preceding segments that a segment may take in
VISITS = 20


def clock_features(steps: Tensor, asked: Tensor) -> Tensor:
    """Functions of a segment's step and of its age when asked: steps [N], asked [Q] -> [Q, N, FEATURES]."""
    t = steps.float()[None].expand(len(asked), -1)
    now = asked.float()[:, None]
    age = (now - 1 - t).clamp(min=0)
    told = [x / (x + c) for x in (t, age) for c in SCALES]
    return torch.stack([*told, torch.log1p(t) / 10, torch.log1p(age) / 10, (t + 1) / (now + 1)], -1)


class Clock(nn.Module):
    """Static score plus functions of the step, weighed for each query by a linear map of its static vector."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.weights = nn.Linear(d, FEATURES)
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)

    def forward(self, queries: Tensor, segments: Tensor, steps: Tensor, asked: Tensor) -> Tensor:
        """queries [Q, d] and segments [N, d], normalised; steps [N], asked [Q] -> scores [Q, N]."""
        weights = self.weights(queries)
        return queries @ segments.T + (clock_features(steps, asked) @ weights[..., None]).squeeze(-1)


class Neighbours(nn.Module):
    """Every segment's static vector with learned shares of those right before it."""

    def __init__(self) -> None:
        super().__init__()
        self.shares = nn.Parameter(0.2 * 0.5 ** torch.arange(REACH).float())

    def forward(self, segments: Tensor) -> Tensor:
        """segments [B, T, d], normalised, in reading order -> vectors [B, T, d], normalised."""
        T = segments.shape[1]
        mixed = segments
        for i, share in enumerate(self.shares[: T - 1]):
            mixed = mixed + share * F.pad(segments[:, : T - 1 - i], (0, 0, i + 1, 0))
        return F.normalize(mixed, dim=-1)


class Controls(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.clock = Clock(d)
        self.neighbours = Neighbours()


class ControlLosses(nn.Module):
    """Both controls on one reading of a batch; they share no parameter, so neither feels the other's loss."""

    def __init__(self, controls: Controls, reader: Reader, autocast: Callable) -> None:
        super().__init__()
        self.controls = controls
        self.reader = [reader]  # in a list, so that its model does not register here
        self.autocast = autocast
        self.static = cache(self._static)

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        (B, T), device, static = batch.shape, self.reader[0].device, self.static(batch)
        segments, queries = batch.pad(static[: len(batch.segments)]), static[len(batch.segments) :]
        positive, valid = batch.positive.to(device), batch.valid.reshape(1, -1).to(device)
        mixed = self.controls.neighbours(segments).reshape(B * T, -1)
        flat, mixed = gather(segments.reshape(B * T, -1)), gather(mixed)  # of all processes
        steps, valid = gather(torch.arange(T, device=device).repeat(B)), gather(valid[0])[None]
        scores = {
            "clock": self.controls.clock(queries, flat, steps, batch.length.to(device)),
            "neighbours": queries @ mixed.T,
        }
        around = place(batch.valid.reshape(-1).to(device))
        positive, own = F.pad(positive, around), F.pad(batch.own.to(device), around)
        losses, told = [], {}
        for name, score in {**scores, "static": queries @ flat.T}.items():
            told[f"recall@1 {name}"] = top1(score, positive, own).mean().item()
            if name in scores:
                loss = mean(info_nce(score, positive, valid.expand_as(positive), TEMPERATURE))
                losses.append(loss)
                told[f"loss {name}"] = loss.item()
        return sum(losses), told

    @torch.no_grad()
    def _static(self, batch: Batch) -> Tensor:
        """Of the batch's segments, then of its queries; normalised."""
        reader = self.reader[0]
        with self.autocast(reader.device):
            static = reader.static(batch.segments + [q.text for q in batch.queries])
        return F.normalize(static.float(), dim=-1)
