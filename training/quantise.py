"""8-bit weights: symmetric, one scale a row, chosen for the least squared error.

The weights of a layer that rounds its input (rounding.py) are quantised as they multiply its codes. PyTorch with
`quantise_encoder_` and `unpack_head` computes with the numbers that ship.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rounding import RoundingLinear

LIMIT = 127
CLIPS = torch.linspace(0.7, 1.0, 31)
TRAINING_CLIPS = CLIPS[::10]
SCALES = ".scales"


def quantise_rows(weight: Tensor, clips: Tensor = CLIPS) -> tuple[Tensor, Tensor]:
    """weight [rows, columns] -> int8 codes [rows, columns] in -127..127 and f32 scales [rows, 1].

    codes * scales is the least-squares fit over clipping thresholds (`clips` of each row's largest
    magnitude). Quantising what was quantised gives the same codes and scales.
    """
    weight = weight.detach().float()
    largest = weight.abs().amax(1, keepdim=True).clamp(min=1e-12)
    best_error = torch.full_like(largest, torch.inf)
    best_codes = torch.empty_like(weight, dtype=torch.int8)
    for clip in clips.flip(0):
        codes = (weight * (LIMIT / (clip * largest))).round().clamp(-LIMIT, LIMIT)
        scale = (weight * codes).sum(1, keepdim=True) / codes.square().sum(1, keepdim=True).clamp(min=1)
        error = (weight - codes * scale).square().sum(1, keepdim=True)
        # Rounding noise alone must not move a row that already lies on a grid.
        better = error < best_error * (1 - 1e-3) - 1e-10 * largest.square()
        best_error = torch.where(better, error, best_error)
        best_codes = torch.where(better, codes.to(torch.int8), best_codes)
    exact = best_codes.double()  # so that scales found again are the same to the last bit
    scales = (weight.double() * exact).sum(1, keepdim=True) / exact.square().sum(1, keepdim=True).clamp(min=1)
    return best_codes, scales.float()


@contextmanager
def quantise_aware(encoder: nn.Module) -> Iterator[None]:
    """Within it, the encoder computes with quantised weights, and what is trained gets the gradient straight through.

    What is frozen is quantised in place, once. Fewer clipping thresholds are tried than when shipping.
    """
    trained = [m for m in encoder.modules() if isinstance(m, nn.Linear) and m.weight.requires_grad]
    quantise_encoder_(encoder, {id(module) for module in trained})
    for module in trained:
        module.forward = StraightThrough(module)
    try:
        yield
    finally:
        for module in trained:
            del module.forward


class StraightThrough:
    """A linear layer's forward with its weight quantised, anew once the weight has changed."""

    def __init__(self, linear: nn.Linear) -> None:
        self.linear, self.version = linear, -1

    def __call__(self, x: Tensor) -> Tensor:
        linear, weight = self.linear, self.linear.weight
        if self.version != weight._version:
            self.change = quantised(linear, TRAINING_CLIPS) - weight.detach()
            self.version = weight._version
        weight = weight + self.change
        return linear.product(x, weight) if isinstance(linear, RoundingLinear) else F.linear(x, weight, linear.bias)


def quantise_encoder_(encoder: nn.Module, leave: Container[int] = ()) -> nn.Module:
    """Replaces every weight matrix (linear layers, word and position tables) by what ships, in place.

    The two rows of token types are too few to be worth their error; modules whose id is in `leave` stay too.
    """
    with torch.no_grad():
        for name, module in encoder.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding) and "token_type" not in name and id(module) not in leave:
                module.weight.copy_(quantised(module))
    return encoder


def codes_of(module: nn.Module, clips: Tensor = CLIPS) -> tuple[Tensor, Tensor]:
    """What ships of a module's weight [rows, columns]: int8 codes and f32 scales [rows, 1]."""
    return quantise_rows(module.weight / _gain(module), clips)


def quantised(module: nn.Module, clips: Tensor = CLIPS) -> Tensor:
    """The module's weight made of its codes."""
    codes, scales = codes_of(module, clips)
    return codes * scales * _gain(module)


def _gain(module: nn.Module) -> Tensor | int:
    return module.gain if isinstance(module, RoundingLinear) else 1


def pack_head(head: nn.Module) -> dict[str, Tensor]:
    """The head's weights by name, as head.safetensors holds them.

    The matrix of a linear layer [out, in] is int8 codes, beside them f16 scales [out, 1] under `<name>.scales`;
    everything else is f16. Packing what was unpacked gives the same tensors.
    """
    matrices = {f"{name}.weight" for name, module in head.named_modules() if isinstance(module, nn.Linear)}
    tensors = {}
    for name, weight in head.state_dict().items():
        if name in matrices:
            tensors[name], scales = quantise_rows(weight.cpu())
            tensors[name + SCALES] = scales.half()
        else:
            tensors[name] = weight.cpu().half().contiguous()
    return tensors


def unpack_head(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The head's weights in f32 from the tensors of head.safetensors: codes times scale, rounded to f16.

    Rounded, because a device may hold weights in f16: so all compute with the same numbers.
    """
    weights = {}
    for name, tensor in tensors.items():
        if not name.endswith(SCALES):
            scales = tensors.get(name + SCALES, torch.ones(()))
            weights[name] = (tensor.float() * scales.float()).half().float()
    return weights
