"""What late interaction is trained on: InfoNCE over all segments of the batch, on the frozen encoder.

Of several processes, each compares with the segments of its own batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from batch import Batch
from distributed import mean
from encoding import Reader
from late_interaction import late_scores, query_tokens
from losses import info_nce, top1
from rounding import unrounded

FIRST_SCALE = 30.0  # of scores, which are cosines; learned from there


class LateLosses(nn.Module):
    """Calling it gives the loss of a batch and what to log. All that compete for a query are to be found."""

    def __init__(self, reader: Reader, autocast: Callable) -> None:
        super().__init__()
        self.late = reader.model.head.late
        self.scale = nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))
        self.reader = [reader]  # in a list, so that its model does not register here
        self.autocast = autocast

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        reader = self.reader[0]
        with torch.no_grad(), unrounded(reader.model.encoder), self.autocast(reader.device):
            states = reader.token_states(batch.segments + [query.text for query in batch.queries])
        raw = [self.late(rows) for rows in states]
        loss, scores, wanted = contrast_tokens(raw, batch, self.scale)
        with torch.no_grad():
            decay = torch.cat([query_tokens(rows)[2] for rows in raw[len(batch.segments) :]]).mean()
        told = {"loss": loss.item(), "scale": self.scale.exp().item(), "decay": decay.item()}
        return loss, told | batch.by_kind({"recall@1": top1(scores, wanted, torch.ones_like(wanted))})


def contrast_tokens(raw: list[Tensor], batch: Batch, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """InfoNCE of late interaction over the batch's segments, by raw rows of their tokens and then of the queries'.

    scale: logarithm of what scores are multiplied by. -> the loss, scores [Q, segments], and which of them are wanted: all
    that compete for the query.
    """
    count = len(batch.segments)
    scores = late_scores(raw[count:], raw[:count], batch.steps)
    wanted = batch.rival[:, batch.valid.reshape(-1)].to(scores.device)
    return mean(info_nce(scores * scale.exp(), wanted, torch.ones_like(wanted), 1.0)), scores, wanted
