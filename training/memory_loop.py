"""The sequential part of reading: one update a segment, over sequences of any lengths at once.

Segment batching: sequences are sorted by length and a step runs over those still going on, so nothing is computed
for padding. Keys and values are written once, into linear buffers; a step reads a slice of them, and its backward
pass adds to the same slice of the gradients in place: a step copies nothing, whatever the capacity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

if TYPE_CHECKING:
    from model import Update


class Packing:
    """Segments of B sequences ordered by step, within a step the longest sequence first.

    order [N]: places in the sequences laid end to end; counts [T]: sequences that have a segment at each step.
    """

    def __init__(self, lengths: Tensor) -> None:
        """lengths [B], each at least 1."""
        lengths = lengths.cpu()
        longest, sequence = lengths.sort(descending=True, stable=True)
        starts = (lengths.cumsum(0) - lengths)[sequence]
        step, rank = (torch.arange(int(longest[0]))[:, None] < longest).nonzero(as_tuple=True)
        self.order = starts[rank] + step
        self.counts: list[int] = step.bincount().tolist()


class Queue:
    """Keys and values of every segment pushed [B, heads, T K, width], and the gradients backward adds up."""

    def __init__(self, sequences: int, steps: int, capacity: int) -> None:
        self.sequences, self.steps, self.capacity = sequences, steps, capacity
        self.buffers: list[Tensor] = []
        self.gradients: list[Tensor] = []

    def push(self, t: int, key: Tensor, value: Tensor) -> None:
        """key, value [n, heads, K, width] of the first n sequences, at step t."""
        n, heads, K, width = key.shape
        if not self.buffers:
            shape = (self.sequences, heads, self.steps * K, width)
            self.buffers = [key.new_zeros(shape), value.new_zeros(shape)]
        for buffer, new in zip(self.buffers, (key, value), strict=True):
            buffer[:n, :, t * K : (t + 1) * K] = new

    def window(self, t: int, n: int, K: int) -> list[Tensor]:
        """Keys and values the first n sequences see at step t, each [n, heads, W K, width]."""
        first = max(0, t - self.capacity)
        return [buffer[:n, :, first * K : t * K] for buffer in self.buffers]

    def add(self, t: int, key: tuple[Tensor, Tensor], value: tuple[Tensor, Tensor]) -> None:
        """Adds to the gradients of step t's window the products a^T b of (a [n, heads, K, W K], b [n, heads, K, width])."""
        if not self.gradients:
            self.gradients = [torch.zeros_like(buffer) for buffer in self.buffers]
        n, K = key[1].shape[0], key[1].shape[2]
        first = max(0, t - self.capacity)
        for gradient, (a, b) in zip(self.gradients, (key, value), strict=True):
            part = gradient[:n, :, first * K : t * K].flatten(0, 1)
            part.baddbmm_(a.flatten(0, 1).transpose(1, 2), b.flatten(0, 1))

    def take(self, t: int, n: int, K: int) -> list[Tensor]:
        """The gradients of what was pushed at step t; the buffers forget them."""
        parts = [gradient[:n, :, t * K : (t + 1) * K] for gradient in self.gradients]
        taken = [part.clone() for part in parts]
        for part in parts:
            part.zero_()
        return taken


class Push(torch.autograd.Function):
    """Writes a step's keys and values. Its token ties it to later steps: their backward passes run before its own."""

    @staticmethod
    def forward(ctx, key: Tensor, value: Tensor, token: Tensor, queue: Queue, t: int) -> Tensor:
        ctx.queue, ctx.t, ctx.size = queue, t, (key.shape[0], key.shape[2])
        queue.push(t, key, value)
        return torch.zeros_like(token)

    @staticmethod
    @once_differentiable
    def backward(ctx, token: Tensor):
        return *ctx.queue.take(ctx.t, *ctx.size), token, None, None


class Attend(torch.autograd.Function):
    """model.queue_attention of one step: all rows see the same window, none of it is masked."""

    @staticmethod
    def forward(ctx, query: Tensor, bias: Tensor, token: Tensor, queue: Queue, t: int) -> Tensor:
        """query [n, heads, K, width], bias [heads, W K + 1] (the null slot last) -> [n, heads, K, width]."""
        n, _, K, width = query.shape
        key, value = queue.window(t, n, K)
        logits = query @ key.transpose(2, 3) / math.sqrt(width) + bias[:, None, :-1]
        null = bias[:, None, -1:].expand(*logits.shape[:3], 1)
        weights = torch.cat([logits.to(bias.dtype), null], -1).float().softmax(-1).to(value.dtype)
        ctx.queue, ctx.t = queue, t
        ctx.save_for_backward(query, weights)
        return weights[..., :-1] @ value

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor):
        query, weights = ctx.saved_tensors
        n, _, K, width = query.shape
        key, value = ctx.queue.window(ctx.t, n, K)
        weights, null = weights[..., :-1], weights[..., -1:].float()
        by_weight = (gradient @ value.transpose(2, 3)).float()
        mean = (by_weight * weights).sum(-1, keepdim=True)  # the null slot's value is 0
        by_logit = weights * (by_weight - mean)
        by_bias = torch.cat([by_logit, -null * mean], -1).sum((0, 2))
        by_logit = (by_logit / math.sqrt(width)).to(key.dtype)
        ctx.queue.add(ctx.t, (by_logit, query), (weights, gradient))
        return by_logit @ key, by_bias, torch.zeros((), device=query.device), None, None


def update_memory(update: Update, rows: Tensor, lengths: Tensor, stretch: int = 0) -> Tensor:
    """Memory rows [N, K, d] of sequences laid end to end, lengths [B] -> their latents [N, K, d].

    stretch: steps whose activations are dropped and computed again in the backward pass, so many at a time
    (gradient checkpointing); 0 keeps them all.
    """
    N, K, d = rows.shape
    attention = update.attention
    heads, capacity = attention.age.shape[0], attention.age.shape[1] - 1
    packing = Packing(lengths)
    order, counts = packing.order.to(rows.device), packing.counts
    T = len(counts)
    queue = Queue(counts[0], T, capacity)
    # Oldest first, as the window is; a step with a shorter window takes the newest part.
    bias = torch.cat([attention.age[:, :-1].flip(1).repeat_interleave(K, 1), attention.age[:, -1:]], 1)

    def by_head(x: Tensor) -> Tensor:
        return x.view(-1, K, heads, d // heads).transpose(1, 2)

    def steps(start: int, stop: int, rows: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
        """Updates from one step to another: their rows, packed -> their latents, packed."""
        parts = rows.split(counts[start:stop])
        queries = by_head(attention.query(attention.norm(rows))).split(counts[start:stop])
        latents = []
        for t, part, query in zip(range(start, stop), parts, queries, strict=True):
            if t == 0:
                attended = torch.zeros_like(part)
            else:
                window = bias[:, -(min(t, capacity) * K + 1) :]
                attended = Attend.apply(query, window, token, queue, t).transpose(1, 2).reshape(part.shape)
            latent = update.finish(part, attended)
            latents.append(latent)
            if t + 1 < T:
                key, value = attention.keys_values(latent)
                token = Push.apply(by_head(key), by_head(value), token, queue, t)
        return torch.cat(latents), token

    packed, latents, token = rows[order], [], torch.zeros((), device=rows.device)
    length = stretch or T
    parts = packed.split([sum(counts[start : start + length]) for start in range(0, T, length)])
    for start, part in zip(range(0, T, length), parts, strict=True):
        stop = min(start + length, T)
        if stretch and torch.is_grad_enabled():
            made, token = checkpoint(steps, start, stop, part, token, use_reentrant=False)
        else:
            made, token = steps(start, stop, part, token)
        latents.append(made)
    return torch.cat(latents)[order.argsort()]
