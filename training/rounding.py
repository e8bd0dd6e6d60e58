"""8-bit activations: a linear layer of the encoder reads its input rounded to a grid that is fixed for good.

Every input has a gain of its own (codes a unit), and a layer one zero, chosen from the range that inputs have over
sample texts. So a product is one of 8-bit codes, twice as fast on WASM as of f32, and a text's vector depends on
its text alone: scales found anew for each batch would make it depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from encoding import Reader

LEVELS = 255
GAIN, ZERO = "gain", "zero"


class RoundingLinear(nn.Linear):
    """A linear layer over round(input * gain) + zero, cut off at 0 and 255; `weight` is of inputs as they were."""

    rounds = True
    """Whether it rounds; a device that multiplies in f32 anyway has no use for it."""

    @classmethod
    def of(cls, linear: nn.Linear, gain: Tensor, zero: Tensor) -> RoundingLinear:
        """gain [in], above 0; zero: a whole number from 0 to 255. Shares the layer's weights."""
        made = cls(linear.in_features, linear.out_features, linear.bias is not None, device="meta")
        made.weight, made.bias = linear.weight, linear.bias
        made.register_buffer(GAIN, gain.float())
        made.register_buffer(ZERO, zero.float())
        return made.train(linear.training)

    def forward(self, x: Tensor) -> Tensor:
        return self.product(x, self.weight)

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """With another weight than its own. The gradient passes the rounding, but not the cut."""
        if not self.rounds:
            return F.linear(x, weight, self.bias)
        scaled = x * self.gain  # f32, whatever x is
        codes = scaled + (scaled.round() - scaled).detach() if scaled.requires_grad else scaled.round_()
        return F.linear(codes.clamp(-self.zero, LEVELS - self.zero), weight / self.gain, self.bias)


def rounding_layers(encoder: nn.Module) -> dict[str, RoundingLinear]:
    return {name: module for name, module in encoder.named_modules() if isinstance(module, RoundingLinear)}


def set_grids_(encoder: nn.Module, grids: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Makes the named linear layers round, in place: name -> gain and zero."""
    for name, (gain, zero) in grids.items():
        encoder.set_submodule(name, RoundingLinear.of(encoder.get_submodule(name), gain, zero))


def load_encoder_state_(encoder: nn.Module, state: dict[str, Tensor]) -> None:
    """Weights as saved, and the grids that were saved with them."""
    layers = [key.removesuffix(f".{GAIN}") for key in state if key.endswith(f".{GAIN}")]
    set_grids_(encoder, {name: (state[f"{name}.{GAIN}"], state[f"{name}.{ZERO}"]) for name in layers})
    encoder.load_state_dict(state)


@contextmanager
def unrounded(encoder: nn.Module) -> Iterator[None]:
    """Within it, the encoder computes in f32 with the same weights."""
    layers = rounding_layers(encoder).values()
    for layer in layers:
        layer.rounds = False
    try:
        yield
    finally:
        for layer in layers:
            del layer.rounds


@torch.no_grad()
def round_activations_(reader: Reader, texts: list[str]) -> None:
    """Gives every linear layer of the reader's encoder a grid that holds what it reads of the texts, in place."""
    encoder = reader.model.encoder
    layers = {name: module for name, module in encoder.named_modules() if isinstance(module, nn.Linear)}
    ranges: dict[str, tuple[Tensor, Tensor]] = {}
    real: Tensor

    def watch(name: str, x: Tensor) -> None:
        x = x[real].float()
        low, high = ranges.get(name, (torch.zeros(()), torch.zeros(())))
        ranges[name] = torch.minimum(low, x.amin(0)), torch.maximum(high, x.amax(0))

    hooks = [
        layer.register_forward_pre_hook(lambda _, inputs, name=name: watch(name, inputs[0]))
        for name, layer in layers.items()
    ]
    try:
        for ids, mask, _ in reader.batches(texts):
            real = mask.bool()
            reader.model.token_states(ids, mask)
    finally:
        for hook in hooks:
            hook.remove()
    set_grids_(encoder, {name: grid(*found) for name, found in ranges.items()})


def grid(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Gains [in] and the zero for inputs in low [in] <= 0 to high [in] >= 0: the zero with the finest steps, in the mean."""
    zeros = torch.arange(LEVELS + 1.0)[:, None]
    above, below = ((width / codes).nan_to_num(0.0) for width, codes in ((high, LEVELS - zeros), (-low, zeros)))
    steps = torch.maximum(above, below).clamp(min=1e-6)  # 0 / 0: none are needed
    best = steps.log().mean(1).argmin()
    return 1 / steps[best], zeros[best, 0]
