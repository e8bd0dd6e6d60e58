"""A batch as the model reads it: every sequence's latents and embeddings, every query's vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from batch import Batch
from encoding import Reader
from late_interaction import late_scores
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
    def late(self) -> Tensor:
        """Scores of late interaction [Q, B T]."""
        count = len(self.batch.segments)
        scores = late_scores(self.tokens[count:], self.tokens[:count], self.batch.steps)
        return self.batch.pad(scores.T).flatten(0, 1).T


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
