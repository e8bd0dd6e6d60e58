"""Ablations that are weights: a model trained without a part has the same form, is evaluated and exported as any."""

from __future__ import annotations

import torch

from model import Head

UNSEEN = -1e4  # a logit that leaves nothing after softmax, within f16


@torch.no_grad()
def ablate(head: Head, *, recurrence: bool, order: bool) -> None:
    """Removes and freezes what is False: updates that read the queue; features of the step."""
    if not recurrence:
        age = head.update.attention.age
        age[:, :-1] = UNSEEN
        age.requires_grad_(False)
    if not order:
        head.represent.order.weight.zero_().requires_grad_(False)
