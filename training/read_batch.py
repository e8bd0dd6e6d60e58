"""A batch as the model reads it: every sequence's latents and embeddings, every query's vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from batch import Batch
from encoding import Reader
from late_interaction import READ_BY, Compared, compare
from memory_loop import update_memory
from model import QUERY


@dataclass
class Read:
    """B sequences padded to T segments, Q queries."""

    latents: Tensor  # [B, T, K, d]
    embeddings: Tensor  # [B T, 2 d + m]
    queries: Tensor  # [Q, 2 d + m], asked after the last segment of their sequence; before Head.rely
    query_rows: Tensor  # [Q, K, d]
    batch: Batch
    tokens: list[Tensor]  # of all segments, then of the queries, raw [n, t + 2], without gradient

    @cached_property
    def compared(self) -> Compared:
        """What the queries' tokens find in all segments."""
        count = len(self.batch.segments)
        return compare(self.tokens[count:], self.tokens[:count], self.batch.steps, READ_BY)

    @property
    def late(self) -> Tensor:
        """Scores of late interaction [Q, B T]."""
        return self.batch.pad(self.compared.scores()[-1].T).flatten(0, 1).T

    @property
    def found(self) -> Tensor:
        """What each query's tokens find in the segments of its own sequence [Q, 2, T, n]."""
        whole = self.compared
        owner = whole.owner
        sequence, token = self.batch.sequence.to(owner.device)[owner], torch.arange(len(owner), device=owner.device)
        own = [self.batch.pad(found.T)[sequence, :, token] for found in whole.found]
        return Compared(own, whole.weights, whole.counts).by_query()


def read_batch(reader: Reader, batch: Batch, autocast: Callable, stretch: int = 0) -> Read:
    """Vectors in f32; gradients reach the head, not the encoder. stretch: as update_memory has it."""
    head, (B, T), lengths = reader.model.head, batch.shape, batch.valid.sum(1)
    with autocast(reader.device):
        static, rows, tokens = reader.read_tokens(batch.segments + [q.text for q in batch.queries])
        count = len(batch.segments)
        statics = batch.pad(static[:count])
        latents = update_memory(head.update, rows[:count], lengths, stretch)
        pushed = head.push(latents, static[:count]).map(batch.pad)
        lengths = lengths.to(reader.device)
        embeddings = head.embed_sequence(statics, pushed, lengths)
        asked, places = batch.by_sequence(static[count:])
        queries = head.embed(asked, QUERY, lengths[:, None].expand(asked.shape[:2]), pushed)
    return Read(
        batch.pad(latents),
        embeddings.float().reshape(B * T, -1),
        queries.float().flatten(0, 1)[places],
        rows[count:],
        batch,
        tokens,
    )
