"""What the encoder is trained on: InfoNCE of static vectors, over all segments of the batch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch
from checkpoint import autocast
from encoding import Reader
from losses import info_nce
from model import EvoEmbed

TEMPERATURE = 0.05
FROZEN_LAYERS = 3  # the encoder's embeddings and first layers stay as published


def static_loss(reader: Reader, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """InfoNCE of static vectors over all segments of the batch."""
    with autocast(reader.device):
        vectors = F.normalize(reader.static(batch.segments + [q.text for q in batch.queries]).float(), dim=-1)
    count = len(batch.segments)
    segments, queries = vectors[:count], vectors[count:]
    positive = batch.positive[:, batch.valid.reshape(-1)].to(reader.device)
    scores = queries @ segments.T
    loss = info_nce(scores, positive, torch.ones_like(positive), TEMPERATURE).mean()
    hit = positive.gather(1, scores.argmax(1, keepdim=True)).float().mean()
    return loss, {"loss": loss.item(), "recall@1": hit.item()}


def encoder_parameters(model: EvoEmbed, frozen_layers: int = FROZEN_LAYERS) -> list[nn.Parameter]:
    """The layers of the encoder that are trained; the rest is frozen here."""
    model.requires_grad_(False)
    trained = list(model.encoder.encoder.layer[frozen_layers:].parameters())
    for parameter in trained:
        parameter.requires_grad_(True)
    return trained
