"""A batch as the model reads it: every sequence's latents and embeddings, every query's vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from batch import Batch
from encoding import Reader
from model import QUERY


@dataclass
class Read:
    """B sequences padded to T segments, Q queries."""

    latents: Tensor  # [B, T, K, d]
    embeddings: Tensor  # [B T, 2 d + m]
    queries: Tensor  # [Q, 2 d + m], asked after the last segment of their sequence
    query_rows: Tensor  # [Q, K, d]
    steps: Tensor  # [Q], when they were asked


def read_batch(reader: Reader, batch: Batch, autocast: Callable) -> Read:
    """Vectors in f32; gradients reach the head, not the encoder."""
    head, (B, T) = reader.model.head, batch.shape
    with autocast(reader.device):
        static, rows = reader.read(batch.segments + [q.text for q in batch.queries])
        count = len(batch.segments)
        statics = batch.pad(static[:count])
        latents = head.read_memory(batch.pad(rows[:count]))
        pushed = head.push(latents, statics)
        embeddings = head.embed_sequence(statics, pushed)
        asked, places = batch.by_sequence(static[count:])
        lengths = batch.valid.sum(1).to(reader.device)
        queries = head.embed(asked, QUERY, lengths[:, None].expand(asked.shape[:2]), pushed)
    return Read(
        latents,
        embeddings.float().reshape(B * T, -1),
        queries.float().flatten(0, 1)[places],
        rows[count:],
        batch.length.to(reader.device),
    )
