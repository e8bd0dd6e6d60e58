"""What the encoder goes on learning beneath a head: static vectors and late interaction, held to what the head reads."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from distributed import mean
from encoding import Reader, own_tokens
from late_losses import FIRST_SCALE, contrast_tokens
from losses import top1
from model import only_layers
from static_loss import contrast


class EncoderLosses(nn.Module):
    """The encoder's last layers and late interaction; calling it gives the loss of a batch and what to log.

    Static vectors and memory rows are held near those of the weights it began with, as head and pool were trained on them.
    All that compete for a query are to be found. Static vectors are compared over all processes' segments, late
    interaction with those of the own batch.
    """

    def __init__(self, reader: Reader, autocast: Callable, layers: int, hold: float) -> None:
        """layers: how many of the encoder's last; hold: weight of the mean of 1 - cosine of what the head reads, now and before."""
        super().__init__()
        model = reader.model
        self.layers = model.encoder.encoder.layer[-layers:]
        self.late = model.head.late
        self.scale = nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))
        before = nn.ModuleList([*model.encoder.encoder.layer[:-layers], *copy.deepcopy(self.layers)])
        self.before = [before.requires_grad_(False)]  # in lists, so that they do not register here
        self.reader = [reader]
        self.autocast = autocast
        self.hold = hold

    def train(self, mode: bool = True) -> EncoderLosses:
        """Without dropout, which would move what is held."""
        return super().train(False)

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        static, tokens, static_moved, rows_moved = self._read(batch.segments + [query.text for query in batch.queries])
        found, *static_scores = contrast(F.normalize(static, dim=-1), batch, batch.rival)
        late, *late_scores = contrast_tokens(tokens, batch, self.scale)
        moved = mean(static_moved) + mean(rows_moved)
        told = {"static": found.item(), "late": late.item(), "moved": moved.item()}
        hits = {
            name: top1(scores.detach(), wanted, torch.ones_like(wanted))
            for name, (scores, wanted) in (("static", static_scores), ("late", late_scores))
        }
        return found + late + self.hold * moved, told | batch.by_kind(hits)

    def _read(self, texts: list[str]) -> tuple[Tensor, list[Tensor], Tensor, Tensor]:
        """Static vectors [N, d], raw rows of late interaction, and how far static vectors and memory rows have moved [N]."""
        reader = self.reader[0]

        def read(ids: Tensor, mask: Tensor) -> tuple[Tensor, list[Tensor], Tensor, Tensor]:
            pool, token_states = reader.model.head.pool, reader.model.token_states
            with torch.no_grad(), only_layers(reader.model.encoder, self.before[0]):
                static_before, rows_before = pool(token_states(ids, mask).float(), mask)
            states = token_states(ids, mask).float()
            static, rows = pool(states, mask)
            return (
                static.float(),
                own_tokens(self.late(states).float(), mask),
                1 - F.cosine_similarity(static.float(), static_before.float(), dim=-1),
                (1 - F.cosine_similarity(rows.float(), rows_before.float(), dim=-1)).mean(1),
            )

        with self.autocast(reader.device):
            return tuple(reader.over_batches(texts, read))
