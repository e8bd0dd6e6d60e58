"""The packed update loop against the plain one: the same latents, the same gradients, whatever the lengths."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from config import Config
from memory_loop import Packing, update_memory
from model import Head, Update, round_f16

CONFIG = Config(d=24, memory_queries=3, capacity=4, heads=2, clock=6, rerank_width=16, rerank_heads=2, rerank_layers=2)
LENGTHS = [5, 1, 12, 3, 12]


def plainly(update: Update, rows: Tensor) -> Tensor:
    """One sequence [T, K, d], a step at a time, by the attention that the graphs and kernels have."""
    latents: list[Tensor] = []
    for t, row in enumerate(rows):
        first = max(0, t - CONFIG.capacity)
        window = latents[first:] or [torch.zeros_like(row)]
        key, value = update.attention.keys_values(torch.stack(window)[None])
        steps = torch.full((1, CONFIG.memory_queries), t)
        latents.append(update(row[None], key, value, steps, first if latents else -1)[0])
    return torch.stack(latents)


@pytest.fixture
def update() -> Update:
    torch.manual_seed(3)
    made = Head(CONFIG).update
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return made


def rows() -> Tensor:
    torch.manual_seed(5)
    return round_f16(torch.randn(sum(LENGTHS), CONFIG.memory_queries, CONFIG.d)).requires_grad_(True)


def gradients(update: Update, rows: Tensor, latents: Tensor) -> list[Tensor]:
    """Of a loss in which every latent counts, by the rows and every parameter of the update."""
    torch.manual_seed(9)
    loss = (latents.float() * torch.randn(latents.shape)).sum()
    return list(torch.autograd.grad(loss, [rows, *update.parameters()]))


def test_a_step_runs_over_the_sequences_still_going_on() -> None:
    packing = Packing(torch.tensor([2, 4, 1]))
    assert packing.counts == [3, 2, 1, 1]
    assert packing.order.tolist() == [2, 0, 6, 3, 1, 4, 5]


@pytest.mark.parametrize("stretch", [0, 1, 5])
def test_packed_loop_gives_what_the_plain_one_gives(update: Update, stretch: int) -> None:
    given = rows()
    expected = torch.cat([plainly(update, part) for part in given.split(LENGTHS)])
    latents = update_memory(update, given, torch.tensor(LENGTHS), stretch)
    # The last bit of an f16 latent may fall either way, and later steps read it.
    torch.testing.assert_close(latents, expected, atol=4e-3, rtol=0)
    for got, wanted in zip(gradients(update, given, latents), gradients(update, given, expected), strict=True):
        torch.testing.assert_close(got, wanted, atol=2e-3 * float(wanted.abs().max()), rtol=0)


@pytest.mark.parametrize("bf16", [False, True])
def test_checkpointing_keeps_less_and_changes_no_gradient(update: Update, bf16: bool) -> None:
    def run(stretch: int) -> tuple[list[Tensor], int]:
        kept = 0

        def keep(tensor: Tensor) -> Tensor:
            nonlocal kept
            kept += tensor.nbytes
            return tensor

        given = rows()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            latents = update_memory(update, given, torch.tensor(LENGTHS), stretch)
        kept_before_backward = kept
        return gradients(update, given, latents), kept_before_backward

    everything, kept = run(0)
    again, kept_again = run(3)
    for got, wanted in zip(again, everything, strict=True):
        tolerance = (1e-2 if bf16 else 1e-6) * float(wanted.abs().max())  # sums are taken in another order
        torch.testing.assert_close(got, wanted, atol=tolerance, rtol=0)
    assert kept_again < kept / 4
