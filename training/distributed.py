"""Data-parallel training over the processes that torchrun starts; with one process, everything here is the identity.

Each process reads batches of its own. Segments are negatives for the queries of all processes (`gather`), means are
over all of them (`mean`), so N processes compute the loss and gradient of one process with their batches together.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn

from batch import Batch


def start() -> torch.device:
    """Joins the other processes, if torchrun started this one (NCCL on GPUs, else gloo); the device to use."""
    cuda = torch.cuda.is_available()
    if "WORLD_SIZE" not in os.environ:
        return torch.device("cuda" if cuda else "cpu")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if cuda else "gloo")
    return device


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def processes() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def barrier() -> None:
    """Waits for all processes."""
    if processes() > 1:
        dist.barrier()


def share(batch: Callable[[int], Batch]) -> Callable[[int], Batch]:
    """This process's batches: of every `processes()` of them, one each."""
    return lambda step: batch(step * processes() + rank())


def gather(x: Tensor) -> Tensor:
    """Rows [n, ...] of all processes, in the order of their ranks; n may differ. The gradient comes back."""
    return _Gather.apply(x) if processes() > 1 else x


def place(x: Tensor, dim: int = 0) -> tuple[int, int]:
    """Elements of x along `dim`, over the processes: how many before this one's, and how many after them."""
    if processes() == 1:
        return 0, 0
    sizes = _sizes(x.shape[dim], x.device)
    return sum(sizes[: rank()]), sum(sizes[rank() + 1 :])


def total(x: Tensor) -> Tensor:
    """Sum over the elements of all processes, without a gradient."""
    summed = x.detach().sum()
    if processes() > 1:
        dist.all_reduce(summed)
    return summed


def mean(x: Tensor) -> Tensor:
    """Mean over the elements of all processes, 0 of none.

    With several processes a share of it: the shares' mean over the processes is the mean, and so are their gradients.
    """
    return x.sum() * processes() / total(torch.ones_like(x)).clamp(min=1)


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Each gradient becomes its mean over the processes; one that no process has stays None."""
    parameters = list(parameters)
    if processes() == 1 or not parameters:
        return
    there = torch.tensor([float(p.grad is not None) for p in parameters], device=parameters[0].device)
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters])
    dist.all_reduce(there)
    dist.all_reduce(flat)
    parts = (flat / processes()).split([p.numel() for p in parameters])
    for parameter, part, have in zip(parameters, parts, there.tolist(), strict=True):
        parameter.grad = part.view_as(parameter) if have else None


def average_figures(told: dict[str, float]) -> dict[str, float]:
    """Each figure's mean over the processes that tell it."""
    if processes() == 1:
        return told
    all_told: list[dict[str, float]] = [{}] * processes()
    dist.all_gather_object(all_told, told)
    names = dict.fromkeys(name for one in all_told for name in one)
    rows = {name: [one[name] for one in all_told if name in one] for name in names}
    return {name: sum(row) / len(row) for name, row in rows.items()}


def _sizes(size: int, device: torch.device) -> list[int]:
    sizes = torch.zeros(processes(), dtype=torch.long, device=device)
    sizes[rank()] = size
    dist.all_reduce(sizes)
    return sizes.tolist()


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        sizes = ctx.sizes = _sizes(len(x), x.device)
        padded = x.new_zeros(max(sizes), *x.shape[1:])
        padded[: len(x)] = x
        parts = [torch.empty_like(padded) for _ in sizes]
        dist.all_gather(parts, padded)
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        return gradient.split(ctx.sizes)[rank()]
