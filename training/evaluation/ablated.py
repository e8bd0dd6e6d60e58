"""Heads with a part of their memory taken away, without training: what was learned, minus what it rests on.

All that a head sees of its queue passes through age biases; a bias of minus infinity hides an age.
"""

from __future__ import annotations

import copy

import torch

from model import Head

HIDDEN = -1e9
QUEUES = (1, 4, 8, 16)


def limit_queue(head: Head, length: int) -> Head:
    """Only the newest `length` segments are seen, by update, retriever and context; 0: memory off."""
    return _hide(head, length, [name for name, _ in head.named_parameters() if name.endswith("age")])


def without_recurrence(head: Head) -> Head:
    """Every segment's latents are made from it alone; who reads them sees the queue as ever."""
    return _hide(head, 0, ["update.attention.age"])


def variants(head: Head) -> dict[str, Head]:
    """Name -> ablated copy. Queues as long as the model's or longer are left out."""
    lengths = [length for length in QUEUES if length < head.config.capacity]
    return {
        "memory off": limit_queue(head, 0),
        "no recurrence": without_recurrence(head),
        **{f"queue of {length}": limit_queue(head, length) for length in lengths},
    }


@torch.no_grad()
def _hide(head: Head, length: int, names: list[str]) -> Head:
    head = copy.deepcopy(head)
    for name in names:
        head.get_parameter(name)[..., length:-1] = HIDDEN  # the last column is the null slot's
    return head
