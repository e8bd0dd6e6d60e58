"""What the reranker is trained on: each query's top candidates of its own sequence, the rest of the head frozen."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from distributed import mean
from encoding import Reader
from late_interaction import YIELDS
from lexical import LEXICAL_WEIGHT, fuse
from losses import listwise, top1
from model import Head
from read_batch import Read, read_batch

RIVALS_WEIGHT, RIVAL_WEIGHT = 1.0, 4.0  # of that loss; of a rival in it, as most candidates are none
POOL, VISITS = 50, 3  # batches read at a time, and how often each is visited: reading costs more than reranking
QUERIES = 48  # of a sequence
FUSED = 0.5  # how many of the queries are asked in mode hybrid, the others in mode evolved
LENGTHS = {48: 0.25, 96: 0.3, 192: 0.3, 384: 0.15}  # long ones above all: there all candidates are near


class RerankLosses(nn.Module):
    """The reranker; calling it gives the listwise loss of a batch and what to log."""

    def __init__(self, reader: Reader, autocast: Callable) -> None:
        super().__init__()
        self.reranker = reader.model.head.reranker
        self.reader = [reader]  # in a list, so that its model does not register here
        self.autocast = autocast
        self.read = lru_cache(POOL)(self._read)

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        loss, told = rerank_loss(self.reader[0].model.head, batch, self.read(batch), self.autocast)
        return loss, {"loss": loss.item(), **told}

    @torch.no_grad()
    def _read(self, batch: Batch) -> Read:
        return read_batch(self.reader[0], batch, self.autocast)


def rerank_loss(head: Head, batch: Batch, read: Read, autocast: Callable) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch that was read, and what to log. Gradients reach reranker and latents, not the vectors.

    Listwise; and where a question is about one of several rival values, the first gate of each count learns which
    candidates these are: what is counted must be known first.
    """
    (B, T), device = batch.shape, read.queries.device
    queries, reliance = head.rely(read.queries.detach())
    embeddings = read.embeddings.detach()
    own, positive = batch.own.to(device), batch.positive.to(device)
    first = first_stage(batch, (queries @ embeddings.T).cpu(), reliance.cpu()).to(device)
    N = min(head.config.rerank_candidates, int(own.sum(1).max()))
    # Positives are always candidates in training, so that every query teaches.
    order = first.masked_fill(positive, 1e4).masked_fill(~own, -1e4).topk(N, 1).indices.sort(1).values
    hidden, right = ~own.gather(1, order), positive.gather(1, order)
    late = z_visible(read.late.to(device).gather(1, order), hidden)
    weight = head.config.late_weight * (1 - YIELDS * reliance)[:, None]
    score = z_visible(z_visible(first.gather(1, order), hidden) + weight * late, hidden)
    gates: list[Tensor] = []
    with autocast(device):
        reranked = head.reranker(
            score,
            late,
            embeddings[order],
            read.latents.mean(2).reshape(B * T, -1)[order],
            order % T,
            queries,
            read.steps,
            read.query_rows,
            hidden,
            gates,
        ).float()
    ranking, rivals = mean(listwise(reranked, right, hidden)), mean(rivals_loss(batch, order, hidden, gates))
    best = {"first stage": top1(score, right, ~hidden), "reranked": top1(reranked, right, ~hidden)}
    told = {"ranking": ranking.item(), "rivals": rivals.item(), **batch.by_kind({**best, "reliance": reliance})}
    return ranking + RIVALS_WEIGHT * rivals, told


def rivals_loss(batch: Batch, order: Tensor, hidden: Tensor, gates: list[Tensor]) -> Tensor:
    """Cross-entropy of the first gate [Q, N] of each count with being a rival, for each query that has some."""
    asked = [i for i, query in enumerate(batch.queries) if query.among and len(query.among) > 1]
    rival = batch.rival.float().to(order.device).gather(1, order)[asked]
    shown = (~hidden[asked]).float()
    rare = torch.tensor(RIVAL_WEIGHT, device=order.device)
    losses = [
        F.binary_cross_entropy_with_logits(gate[asked, :, 0].float(), rival, reduction="none", pos_weight=rare)
        for gate in gates
    ]
    return (sum(losses) * shown).sum(1) / shown.sum(1).clamp(min=1)


def first_stage(batch: Batch, scores: Tensor, reliance: Tensor) -> Tensor:
    """First scores [Q, N] before late interaction: evolved alone, or for FUSED of the queries fused with BM25 in context."""
    starts = batch.sequence * batch.shape[1]
    first = scores.clone()
    for i in torch.nonzero(torch.rand(len(first)) < FUSED).flatten().tolist():
        own = slice(starts[i], starts[i] + batch.length[i])
        weight = LEXICAL_WEIGHT * (1 - float(reliance[i]))
        fused = fuse(scores[i, own].numpy(), batch.lexical[i, own].numpy(), weight)
        first[i, own] = torch.from_numpy(fused).float()
    return first


def z_visible(x: Tensor, hidden: Tensor) -> Tensor:
    """z-scores over what is not hidden, rows of [Q, N]."""
    count = (~hidden).sum(1, keepdim=True)
    middle = x.masked_fill(hidden, 0).sum(1, keepdim=True) / count
    centred = (x - middle).masked_fill(hidden, 0)
    return centred / (centred.square().sum(1, keepdim=True) / count).sqrt().clamp(min=1e-6)
