"""The losses: InfoNCE over in-sequence and cross-sequence segments, and listwise for the reranker."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from distributed import total


def info_nce(
    scores: Tensor, positive: Tensor, valid: Tensor, temperature: float, weight: Tensor | None = None
) -> Tensor:
    """InfoNCE of each query, averaged over its positives; each positive against the negatives alone.

    scores [Q, N], positive and valid [Q, N] (bool) -> losses [Q], each weighted by `weight` [Q] relative to the
    batch's mean, by default log(negatives + 1), as the paper weighs long samples.
    """
    logits = scores.float() / temperature
    negative = valid & ~positive
    denominator = torch.logsumexp(logits.masked_fill(~negative, -math.inf), -1, keepdim=True)
    each = torch.logaddexp(denominator, logits) - logits
    loss = each.masked_fill(~positive, 0).sum(-1) / positive.sum(-1).clamp(min=1)
    if weight is None:
        weight = torch.log1p(negative.sum(-1).float())
    return loss * weight * total(torch.ones_like(weight)) / total(weight).clamp(min=1e-6)


def listwise(scores: Tensor, positive: Tensor, hidden: Tensor) -> Tensor:
    """Softmax over the candidates [Q, N], each positive against all that are not; -> losses [Q]."""
    return info_nce(scores, positive, ~hidden, 1.0)


def top1(scores: Tensor, positive: Tensor, among: Tensor) -> Tensor:
    """Whether the best of `among` is positive, [Q]."""
    best = scores.masked_fill(~among, -1e9).argmax(1, keepdim=True)
    return positive.gather(1, best).float().squeeze(1)
