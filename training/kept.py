"""What takes long to compute, kept on disk under what it depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import torch
from torch import nn

T = TypeVar("T")


def kept(folder: Path | None, depends_on: Iterable[str], compute: Callable[[], T]) -> T:
    """What `compute` gave when it was last called for the same; tensors, and lists, tuples and dicts of them.

    Without a folder nothing is kept. Several processes may share one.
    """
    if folder is None:
        return compute()
    name = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()[:32]
    path = folder / f"{name}.pt"
    if path.exists():
        return torch.load(path)
    told = compute()
    folder.mkdir(parents=True, exist_ok=True)
    save(told, path)
    return told


def save(state: object, path: Path) -> None:
    """Whole or not at all, whoever else writes it."""
    unfinished = path.with_suffix(f".{uuid4()}.part")
    torch.save(state, unfinished)
    unfinished.replace(path)


def fingerprint(modules: Iterable[nn.Module], autocast: Callable, device: torch.device) -> str:
    """What tells one reading from another: all weights, and whether they are multiplied in f32."""
    digest = hashlib.sha256()
    with autocast(device):
        digest.update(str(torch.is_autocast_enabled(device.type)).encode())
    for module in modules:
        for name, weight in module.state_dict().items():
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
