"""What the reranker is trained on: each query's top candidates of its own sequence, the rest of the head frozen."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor, nn

from batch import Batch
from distributed import mean, place
from encoding import Reader
from lexical import LEXICAL_WEIGHT, LexicalIndex, fuse
from losses import listwise, top1
from read_batch import Read, read_batch

POOL, VISITS = 150, 16  # batches read at a time, and how often each is visited: reading costs more than reranking


def pooled(batch: Callable[[int], Batch]) -> Callable[[int], Batch]:
    """`batch` drawn so that POOL batches are visited VISITS times in turn before the next POOL."""

    @lru_cache(POOL)
    def kept(index: int) -> Batch:
        return batch(index)

    return lambda step: kept(step % POOL + POOL * (step // (POOL * VISITS)))


class RerankLosses(nn.Module):
    """The reranker; calling it gives the listwise loss of a batch and what to log."""

    def __init__(self, reader: Reader, autocast: Callable) -> None:
        super().__init__()
        self.reranker = reader.model.head.reranker
        self.reader = [reader]  # in a list, so that its model does not register here
        self.autocast = autocast
        self.reads: dict[Batch, Read] = {}

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        reader, (B, T) = self.reader[0], batch.shape
        device = reader.device
        if batch not in self.reads:
            if len(self.reads) == POOL:
                self.reads.pop(next(iter(self.reads)))
            with torch.no_grad():
                self.reads[batch] = read_batch(reader, batch, self.autocast)
        read = self.reads[batch]
        own, positive = batch.own.to(device), batch.positive.to(device)
        before, _ = place(read.queries)
        first = first_stage(batch, (read.queries @ read.embeddings.T).cpu(), before % 2).to(device)
        N = min(reader.config.rerank_candidates, int(own.sum(1).max()))
        # Positives are always candidates in training, so that every query teaches.
        order = first.masked_fill(positive, 1e4).masked_fill(~own, -1e4).topk(N, 1).indices.sort(1).values
        hidden, right = ~own.gather(1, order), positive.gather(1, order)
        score = z_visible(first.gather(1, order), hidden)
        with self.autocast(device):
            reranked = self.reranker(
                score,
                read.embeddings[order],
                read.latents.mean(2).reshape(B * T, -1)[order],
                order % T,
                read.queries,
                read.steps,
                read.query_rows,
                hidden,
            ).float()
        loss = mean(listwise(reranked, right, hidden))
        told = {"loss": loss.item()}
        for kind, mask in (("natural", ~batch.templated), ("templated", batch.templated)):
            if mask.any():
                told[f"{kind} first stage"] = top1(score, right, ~hidden)[mask].mean().item()
                told[f"{kind} reranked"] = top1(reranked, right, ~hidden)[mask].mean().item()
        return loss, told


def first_stage(batch: Batch, scores: Tensor, start: int = 0) -> Tensor:
    """First scores [Q, N]: fused with BM25 for every second query from `start`, else evolved alone."""
    _, T = batch.shape
    starts = [0, *batch.valid.sum(1).cumsum(0).tolist()]
    indices: dict[int, LexicalIndex] = {}
    first = scores.clone()
    for i in range(start, len(batch.queries), 2):
        b = int(batch.sequence[i])
        own = slice(b * T, b * T + starts[b + 1] - starts[b])
        if b not in indices:
            indices[b] = LexicalIndex(batch.segments[starts[b] : starts[b + 1]])
        lexical = indices[b].scores(batch.queries[i].text)
        first[i, own] = torch.from_numpy(fuse(scores[i, own].numpy(), lexical, LEXICAL_WEIGHT)).float()
    return first


def z_visible(x: Tensor, hidden: Tensor) -> Tensor:
    """z-scores over what is not hidden, rows of [Q, N]."""
    count = (~hidden).sum(1, keepdim=True)
    middle = x.masked_fill(hidden, 0).sum(1, keepdim=True) / count
    centred = (x - middle).masked_fill(hidden, 0)
    return centred / (centred.square().sum(1, keepdim=True) / count).sqrt().clamp(min=1e-6)
