"""What the reranker is trained on: each query's top candidates of its own sequence, the rest of the head frozen."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from batch import Batch
from data.mixture import Mixture
from data.plain import PLAIN
from distributed import mean
from encoding import Reader
from kept import fingerprint, kept
from late_interaction import REACH
from lexical import LEXICAL_WEIGHT, fuse
from losses import listwise, top1
from model import Head
from place_losses import asked_type, draw_questions, places_loss, rivals_loss, types_loss
from read_batch import Read, read_batch

TYPES_WEIGHT = 0.5
QUERIES = 48  # of a sequence
MORE_TEMPLATED, MORE_NATURAL, MORE_PLAIN = 128, 64, 32  # asked besides, of which only the type is to be told
FUSED = 0.5  # how many of the queries are asked in mode hybrid, the others in mode evolved
LENGTHS = {48: 0.25, 96: 0.3, 192: 0.3, 384: 0.15}  # long ones above all: there all candidates are near


class Reading(NamedTuple):
    """What reranking reads of a batch of N segments (padding included) and Q queries."""

    embeddings: Tensor  # [N, 2 d + m]
    latents: Tensor  # [N, d], mean over K
    queries: Tensor  # [Q, 2 d + m], before Head.rely
    query_rows: Tensor  # [Q, K, d]
    late: Tensor  # [Q, N], of late interaction
    found: Tensor  # [Q, 2, T, n], of late interaction, in the segments of the query's own sequence
    states: Tensor  # [Q, n, d], of the queries' tokens in the middle layer
    hidden: Tensor  # [Q, n], padding

    @staticmethod
    def of(reader: Reader, read: Read, autocast: Callable) -> Reading:
        """A batch as it was read, and the states of its queries."""
        with autocast(reader.device):
            states = reader.question_states([query.text for query in read.batch.queries])
        latents = read.latents.mean(2).flatten(0, 1)
        return Reading(read.embeddings, latents, read.queries, read.query_rows, *(part.to(reader.device) for part in (read.late, read.found)), *states)


class RerankLosses(nn.Module):
    """The reranker; calling it gives the loss of a batch and what to log."""

    def __init__(self, reader: Reader, autocast: Callable, mixture: Mixture, readings: Path | None = None) -> None:
        """mixture: where natural questions are drawn from. readings: folder where batches are kept as read."""
        super().__init__()
        self.reranker = reader.model.head.reranker
        self.reader = [reader]  # in a list, so that its model does not register here
        self.autocast = autocast
        self.mixture = mixture
        self.readings = readings
        frozen = [part for name, part in reader.model.head.named_children() if name != "reranker"]
        told = fingerprint([reader.model.encoder, *frozen], autocast, reader.device) if readings else ""
        self._depends_on = [told, str((reader.config.max_tokens, REACH))]

    @property
    def taught(self) -> list[nn.Module]:
        """Parts that are taught directly, or have more to learn, and so may learn faster."""
        return [self.reranker.question, self.reranker.matches, self.reranker.places]

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        loss, told = rerank_loss(self.reader[0].model.head, batch, self.read(batch), self.autocast)
        types, right = self._types_alone(random.Random(int(torch.randint(2**31, ()))))
        loss = loss + TYPES_WEIGHT * types
        return loss, {"loss": loss.item(), **told, "types": right}

    def _types_alone(self, rng: random.Random) -> tuple[Tensor, float]:
        """The loss of telling the types of questions without their candidates, and the share of those told right."""
        asked = draw_questions(rng, MORE_TEMPLATED)
        asked += [(query.text, asked_type(query)) for query in self.mixture.questions(rng, MORE_NATURAL)]
        asked += [(text, None) for text in rng.sample(PLAIN, MORE_PLAIN)]
        reader = self.reader[0]
        with self.autocast(reader.device):
            states = reader.question_states([text for text, _ in asked])
            types = self.reranker.places.types(self.reranker.question(*states))
        losses, right = types_loss(types, [type for _, type in asked])
        return mean(losses), right.mean().item()

    def read(self, batch: Batch) -> Reading:
        """f16 values where they are kept."""
        if self.readings is None:
            return self._read(batch)
        device = self.reader[0].device
        asked = [f"{of} {query.text}" for of, query in zip(batch.sequence.tolist(), batch.queries, strict=True)]
        lengths = [str(length) for length in batch.valid.sum(1).tolist()]
        told = kept(self.readings, [*self._depends_on, *lengths, *batch.segments, *asked], lambda: _halved(self._read(batch)))
        return Reading(*(part.to(device, torch.float32 if part.is_floating_point() else part.dtype) for part in told))

    @torch.no_grad()
    def _read(self, batch: Batch) -> Reading:
        return Reading.of(self.reader[0], read_batch(self.reader[0], batch, self.autocast), self.autocast)


def _halved(reading: Reading) -> tuple[Tensor, ...]:
    return tuple((part.half() if part.is_floating_point() else part).cpu() for part in reading)


def rerank_loss(head: Head, batch: Batch, reading: Reading, autocast: Callable) -> tuple[Tensor, dict[str, float]]:
    """The loss of a batch as it was read, and what to log. Gradients reach reranker and latents, not the vectors.

    Listwise; and where a question is about one of several rival values, counts learn which candidates these are (what
    is counted must be known first), and places which of them is wanted. Every question's type is to be told.
    """
    T, device = batch.shape[1], reading.queries.device
    queries, reliance = head.rely(reading.queries.detach())
    embeddings = reading.embeddings.detach()
    own, positive = batch.own.to(device), batch.positive.to(device)
    first = first_stage(batch, (queries @ embeddings.T).cpu(), reliance.cpu()).to(device)
    N = min(head.config.rerank_candidates, int(own.sum(1).max()))
    # Positives are always candidates in training, so that every query teaches.
    top = first.masked_fill(positive, 1e4).masked_fill(~own, -1e4).topk(N, 1).indices
    order = top.gather(1, (top + own.shape[1] * ~own.gather(1, top)).argsort(1))  # by step, what is hidden behind them
    hidden, right = ~own.gather(1, order), positive.gather(1, order)
    late = z_visible(reading.late.gather(1, order), hidden)
    step = order % T
    found = reading.found.take_along_dim(step[:, None, :, None], 2)
    weight = head.config.late_weight * (1 - head.config.late_yields * reliance)[:, None]
    score = z_visible(z_visible(first.gather(1, order), hidden) + weight * late, hidden)
    with autocast(device):
        reranked = head.reranker.rerank(
            score,
            late,
            found,
            embeddings[order],
            reading.latents[order],
            step,
            queries,
            torch.ones_like(reliance),
            batch.length.to(device),
            reading.query_rows,
            reading.states,
            reading.hidden,
            hidden,
        )
    scores = reranked.score.float()
    ranking = mean(listwise(scores, right, hidden))
    rivals = mean(rivals_loss(batch, order, hidden, reranked.gates))
    places = mean(places_loss(batch, order, reranked))
    types = mean(types_loss(reranked.types, [asked_type(query) for query in batch.queries])[0])
    best = {"first stage": top1(score, right, ~hidden), "reranked": top1(scores, right, ~hidden)}
    told = {"ranking": ranking.item(), "rivals": rivals.item(), "places": places.item()}
    told |= batch.by_kind({**best, "reliance": reliance})
    return ranking + rivals + places + TYPES_WEIGHT * types, told


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
