"""Distillation of the static stage: the encoder learns the scores of an ensemble, another encoder fused with BM25."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from batch import Batch
from checkpoint import autocast
from encoding import Reader
from lexical import LexicalIndex, fuse

TEACHER_TEMPERATURE = 0.5  # of z-scores
TEACHER_LEXICAL_WEIGHT = 0.35  # of BM25 without context, which no vector of one text can tell


class Teacher:
    """Reads with an encoder of its own, which stays as it is."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.reader.model.requires_grad_(False).eval()

    @torch.no_grad()
    def scores(self, batch: Batch) -> Tensor:
        """z-scores, fused, of all N segments of the batch for each of its queries [Q, N]."""
        with autocast(self.reader.device):
            vectors = self.reader.static(batch.segments + [q.text for q in batch.queries])
        vectors = F.normalize(vectors.float(), dim=-1).cpu()
        segments, queries = vectors[: len(batch.segments)], vectors[len(batch.segments) :]
        index = LexicalIndex(batch.segments)
        rows = [
            fuse(dense.numpy(), index.scores(query.text), TEACHER_LEXICAL_WEIGHT)
            for dense, query in zip(queries @ segments.T, batch.queries, strict=True)
        ]
        return torch.from_numpy(np.stack(rows)).float().to(self.reader.device)


def distillation(logits: Tensor, teacher: Tensor) -> Tensor:
    """Cross-entropy, less the teacher's entropy, of its distribution over segments: [Q, N], z-scores [Q, N] -> [Q]."""
    wanted = (teacher / TEACHER_TEMPERATURE).softmax(-1)
    return F.kl_div(logits.log_softmax(-1), wanted, reduction="none").sum(-1)
