"""What the head is trained on: retrieval, the query's restraint, the memory loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from distributed import gather, mean, place
from encoding import Reader
from losses import info_nce, top1
from memory_loss import MAX_ANSWER, MAX_QUESTION, AnswerDecoder
from read_batch import Read, read_batch

TEMPERATURE = 0.05
NATURAL_RESTRAINT = 0.15  # on the squared length of a query's memory parts
RELYING_RESTRAINT = 0.02  # of templated queries, and of natural ones about replies and references
MEMORY_WEIGHT = 0.1
Weighting = Literal["batch", "sequence", "none"]
"""A query's loss is weighted by log(n + 1), n its negatives in the batch, in its own sequence, or not at all."""


class HeadLosses(nn.Module):
    """Head and answer decoder; calling it gives the loss of a batch and what to log.

    The encoder is not a parameter of it: it stays frozen.
    """

    def __init__(
        self,
        reader: Reader,
        autocast: Callable,
        *,
        memory_loss: float = MEMORY_WEIGHT,
        weighting: Weighting = "batch",
        stretch: int = 0,
    ) -> None:
        """memory_loss: its weight; weighting: by the logarithm of which negatives; stretch: of update_memory."""
        super().__init__()
        self.head = reader.model.head
        self.head.reranker.requires_grad_(False)
        words = reader.model.encoder.get_input_embeddings().weight
        self.decoder = AnswerDecoder(reader.config, words)
        self.reader = [reader]  # in a list, so that its encoder does not register here
        self.autocast = autocast
        self.memory_loss, self.weighting, self.stretch = memory_loss, weighting, stretch

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        read = read_batch(self.reader[0], batch, self.autocast, self.stretch)
        return self.of(batch, read)

    def of(self, batch: Batch, read: Read) -> tuple[Tensor, dict[str, float]]:
        """The loss of a batch that was read, and what to log."""
        embeddings, queries, d = read.embeddings, read.queries, self.reader[0].config.d
        device = queries.device
        positive, own = batch.positive.to(device), batch.own.to(device)
        around = place(embeddings)  # the segments of other processes are negatives
        valid = gather(batch.valid.reshape(-1).to(device))[None]
        retrieval = info_nce(
            queries @ gather(embeddings).T,
            F.pad(positive, around),
            valid.expand(len(queries), -1),
            TEMPERATURE,
            self._weight(own, positive),
        )
        excess = queries[:, d:].square().sum(-1)
        relies = torch.tensor([query.templated or query.type in ("reference", "reply") for query in batch.queries])
        restraint = torch.where(relies.to(device), RELYING_RESTRAINT, NATURAL_RESTRAINT)
        retrieval, memory = mean(retrieval), mean(self._memory(batch, read.latents))
        loss = retrieval + mean(restraint * excess) + self.memory_loss * memory
        told = {
            "loss": loss.item(),
            "retrieval": retrieval.item(),
            "memory": memory.item(),
        }
        scores = queries @ embeddings.T
        p = queries[:, :d] @ embeddings[:, :d].T
        found = {"evolved": top1(scores, positive, own), "static": top1(p, positive, own)}
        told |= batch.by_kind({**found, "strength": excess})
        return loss, told

    def _weight(self, own: Tensor, positive: Tensor) -> Tensor | None:
        """Weights of the queries [Q]; None leaves them to info_nce."""
        if self.weighting == "batch":
            return None
        if self.weighting == "none":
            return torch.ones(len(own), device=own.device)
        return torch.log1p((own & ~positive).sum(1).float())

    def _memory(self, batch: Batch, latents: Tensor) -> Tensor:
        """Cross-entropy of each token of the answers, given the queue after the last segment alone."""
        reader = self.reader[0]
        capacity, length = reader.config.capacity, batch.length
        B, T = batch.shape
        chosen = [
            i
            for i, query in enumerate(batch.queries)
            if query.answer and min(query.evidence) >= length[i] - capacity
        ]
        if not chosen or self.memory_loss == 0:
            return latents.new_zeros(0)
        question = tokens(reader.tokenizer, [batch.queries[i].text for i in chosen], MAX_QUESTION, "left")
        answer = tokens(reader.tokenizer, [batch.queries[i].answer for i in chosen], MAX_ANSWER, "right")
        slot = length[chosen][:, None] - capacity + torch.arange(capacity)
        empty = (slot < 0).repeat_interleave(reader.config.memory_queries, 1)
        queue = latents[batch.sequence[chosen][:, None], slot.clamp(min=0)].flatten(1, 2)
        device = latents.device
        with self.autocast(device):
            return self.decoder(question.to(device), answer.to(device), queue, empty.to(device)).float()


def tokens(tokenizer, texts: list[str], most: int, pad: str) -> Tensor:
    """Token ids without special tokens, [n, longest], zeros as padding on the side named."""
    rows = [ids[:most] for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    width = max(1, *(len(r) for r in rows))
    out = torch.zeros(len(rows), width, dtype=torch.long)
    for i, ids in enumerate(rows):
        if pad == "left":
            out[i, width - len(ids) :] = torch.tensor(ids)
        else:
            out[i, : len(ids)] = torch.tensor(ids)
    return out
