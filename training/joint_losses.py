"""What head and reranker are trained on together, the encoder and the pool as they are."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from batch import Batch
from encoding import Reader
from head_losses import HeadLosses
from read_batch import read_batch
from rerank_losses import Reading, rerank_loss

RERANK_WEIGHT = 0.5


class JointLosses(HeadLosses):
    """The head's losses and the reranker's.

    Queries learn to search with all of their memory parts, whatever they rely on: one that could shut its memory off
    at no cost would learn nothing where it is shut, and lean on it wherever these texts reward it.
    """

    def __init__(self, reader: Reader, autocast: Callable) -> None:
        super().__init__(reader, autocast)
        self.requires_grad_(True)
        self.head.pool.requires_grad_(False)

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        read = read_batch(self.reader[0], batch, self.autocast)
        loss, told = self.of(batch, read)
        reading = Reading.of(self.reader[0], read, self.autocast)
        ranking, told_too = rerank_loss(self.head, batch, reading, self.autocast)
        return loss + RERANK_WEIGHT * ranking, told | told_too
