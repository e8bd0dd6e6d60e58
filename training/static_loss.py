"""What the encoder is trained on: InfoNCE of static vectors, over all segments of the batch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from checkpoint import autocast
from distillation import Teacher, distillation
from distributed import gather, mean, place
from encoding import Reader
from losses import info_nce
from model import EvoEmbed

TEMPERATURE = 0.05


def static_loss(
    reader: Reader, batch: Batch, teacher: Teacher | None = None, rivals: bool = False
) -> tuple[Tensor, dict[str, float]]:
    """InfoNCE of static vectors over all segments of the batch; with a teacher, its distillation half and half.

    rivals: all that compete for a query are to be found, as a text alone does not say which of them is right.
    """
    with autocast(reader.device):
        vectors = F.normalize(reader.static(batch.segments + [q.text for q in batch.queries]).float(), dim=-1)
    loss, scores, positive = contrast(vectors, batch, batch.rival if rivals else batch.positive)
    hit = positive.gather(1, scores.argmax(1, keepdim=True)).float().mean()
    told = {"loss": loss.item(), "recall@1": hit.item()}
    if teacher is not None:
        count = len(batch.segments)
        taught = mean(distillation(vectors[count:] @ vectors[:count].T / TEMPERATURE, teacher.scores(batch)))
        told["distillation"] = taught.item()
        loss = (loss + taught) / 2
    return loss, told


def contrast(vectors: Tensor, batch: Batch, wanted: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """InfoNCE of vectors of length 1, of the batch's segments and then of its queries, over all processes' segments.

    wanted [Q, N]: what each query is to find. -> the loss, scores [Q, all segments], and which of them are wanted.
    """
    segments, queries = vectors.split([len(batch.segments), len(batch.queries)])
    positive = F.pad(wanted[:, batch.valid.reshape(-1)].to(vectors.device), place(segments))
    scores = queries @ gather(segments).T
    return mean(info_nce(scores, positive, torch.ones_like(positive), TEMPERATURE)), scores, positive


def encoder_parameters(model: EvoEmbed, layers: int) -> list[nn.Parameter]:
    """Those of the encoder's last `layers`, which are trained; the rest stays as published and is frozen here."""
    model.requires_grad_(False)
    trained = list(model.encoder.encoder.layer[-layers:].parameters())
    for parameter in trained:
        parameter.requires_grad_(True)
    return trained
