"""8-bit activations: what a layer computes, what it learns, and where its grid comes from."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tiny_model
from calibrate import with_grids
from encoding import Reader
from quantise import quantise_aware, quantise_encoder_
from rounding import (
    LEVELS,
    RoundingLinear,
    grid,
    load_encoder_state_,
    round_activations_,
    rounding_layers,
    unrounded,
)

TEXTS = tiny_model.CONVERSATION.segments


def reader_of(model=None) -> Reader:
    tokenizer = tiny_model.tiny_tokenizer()
    return Reader(model or tiny_model.tiny_model(len(tokenizer)), tokenizer)


@pytest.fixture(scope="module")
def rounded() -> Reader:
    reader = reader_of()
    round_activations_(reader, TEXTS)
    return reader


def test_a_layer_multiplies_whole_codes_and_cuts_off_what_is_beyond_them():
    torch.manual_seed(0)
    linear = nn.Linear(5, 3)
    layer = RoundingLinear.of(linear, torch.tensor([1.0, 2.0, 4.0, 0.5, 1.0]), torch.tensor(100.0))
    x = torch.tensor([[1.4, -0.6, 0.3, 3.0, 900.0], [-500.0, 0.25, 0.0, 1.0, 0.5]])
    seen = torch.tensor([[1.0, -0.5, 0.25, 4.0, 155.0], [-100.0, 0.0, 0.0, 0.0, 0.0]])  # half to even
    torch.testing.assert_close(layer(x), linear(seen))


def test_the_gradient_passes_the_rounding_but_not_the_cut():
    layer = RoundingLinear.of(nn.Linear(2, 1), torch.ones(2), torch.tensor(0.0))
    x = torch.tensor([3.3, 300.0], requires_grad=True)
    layer(x).sum().backward()
    assert x.grad.tolist() == [pytest.approx(layer.weight[0, 0].item()), 0.0]
    assert layer.weight.grad.tolist() == [[3.0, 255.0]]


@pytest.mark.parametrize(
    ("low", "high", "zero"),
    [([-1.0, -2.0], [1.0, 2.0], 127), ([0.0, 0.0], [1.0, 3.0], 0), ([-0.17, -0.17], [3.0, 0.2], None)],
)
def test_a_grid_holds_the_whole_range(low: list[float], high: list[float], zero: int | None):
    low, high = torch.tensor(low), torch.tensor(high)
    gain, found = grid(low, high)
    assert zero is None or abs(found - zero) <= 1
    assert ((low * gain + found).round() >= 0).all() and ((high * gain + found).round() <= LEVELS).all()
    used = torch.maximum(high * gain / (LEVELS - found), -low * gain / found.clamp(min=1))
    torch.testing.assert_close(used, torch.ones(2))  # and no finer one with this zero would


def test_an_input_that_is_never_anything_but_0_has_a_grid_too():
    gain, zero = grid(torch.tensor([0.0, -1.0]), torch.tensor([0.0, 1.0]))
    assert gain.isfinite().all() and zero.isfinite()


def test_rounding_changes_vectors_a_little_and_only_while_it_is_on(rounded: Reader):
    plain = reader_of()
    exact, codes = plain.static(TEXTS), rounded.static(TEXTS)
    apart = (exact - codes).norm(dim=-1) / exact.norm(dim=-1)
    assert 1e-4 < apart.max() < 0.1
    with unrounded(rounded.model.encoder):
        torch.testing.assert_close(rounded.static(TEXTS), exact)
    torch.testing.assert_close(rounded.static(TEXTS), codes)


def test_padding_has_no_part_in_the_grids():
    one_by_one, together = reader_of(), reader_of()
    lists = one_by_one.batches
    one_by_one.batches = lambda texts: [batch for text in texts for batch in lists([text])]
    round_activations_(one_by_one, TEXTS)
    round_activations_(together, TEXTS)
    for (name, alone), layer in zip(
        rounding_layers(one_by_one.model.encoder).items(), rounding_layers(together.model.encoder).values(), strict=True
    ):
        torch.testing.assert_close(alone.gain, layer.gain, msg=name)
        assert torch.equal(alone.zero, layer.zero), name


def test_grids_are_saved_and_loaded_with_the_weights(rounded: Reader):
    fresh = tiny_model.tiny_model(len(rounded.tokenizer)).encoder
    load_encoder_state_(fresh, rounded.model.encoder.state_dict())
    load_encoder_state_(fresh, rounded.model.encoder.state_dict())  # over one that rounds already
    tokens = rounded.tokenizer("where is the canoe?", return_tensors="pt")
    torch.testing.assert_close(fresh(**tokens).last_hidden_state, rounded.model.encoder(**tokens).last_hidden_state)


def test_quantise_aware_training_rounds_as_what_ships(rounded: Reader):
    encoder = copy.deepcopy(rounded.model.encoder)
    shipped = quantise_encoder_(copy.deepcopy(encoder))
    layer = encoder.encoder.layer[1].output.dense
    for weight in encoder.parameters():
        weight.requires_grad_(weight is layer.weight)
    x = torch.randn(4, layer.in_features)
    with quantise_aware(encoder):
        of_codes = layer(x)
        of_codes.sum().backward()
    torch.testing.assert_close(of_codes, shipped.encoder.layer[1].output.dense(x), rtol=0.02, atol=0.02)
    codes = (F.relu(x * layer.gain + layer.zero).round().clamp(max=LEVELS) - layer.zero) / layer.gain
    torch.testing.assert_close(layer.weight.grad[0], codes.sum(0), rtol=1e-4, atol=1e-4)


def test_without_texts_there_are_no_grids(rounded: Reader):
    with_grids(rounded.model, rounded.tokenizer, None)  # has them
    plain = reader_of()
    with pytest.raises(ValueError, match="development texts are needed"):
        with_grids(plain.model, plain.tokenizer, None)
    with pytest.raises(FileNotFoundError, match="holds no"):
        with_grids(plain.model, plain.tokenizer, Path("/nowhere"))
