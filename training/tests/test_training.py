"""The trainer on a tiny encoder and templated data: it learns, stops, resumes, and finds its way back."""

from __future__ import annotations

import json
import random
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from batch import collate
from data.record import Query, Record
from data.templates import generate
from encoder_losses import EncoderLosses
from encoding import Reader
from head_losses import HeadLosses
from lexical import LexicalIndex, fuse
from losses import info_nce
from metrics import measure
from stage import run_stage
from static_loss import encoder_parameters, static_loss
from tiny_model import tiny_model, tiny_tokenizer


def templated_batch(step: int):
    rng = random.Random(step)
    records = [generate(rng, 18, []) for _ in range(3)]
    return collate(records, rng)


def tiny_reader() -> Reader:
    tokenizer = tiny_tokenizer()
    return Reader(tiny_model(len(tokenizer)), tokenizer)


@pytest.fixture
def reader() -> Reader:
    return tiny_reader()


def test_head_learns_on_batches_it_sees_again(reader: Reader) -> None:
    reader.model.requires_grad_(False)
    losses = HeadLosses(reader, lambda device: nullcontext()).requires_grad_(True)
    optimiser = torch.optim.AdamW(losses.parameters(), lr=3e-3)
    history = []
    for step in range(24):
        loss, told = losses(templated_batch(step % 2), 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(told["loss"])
    assert np.mean(history[-4:]) < 0.8 * np.mean(history[:4])
    assert all(np.isfinite(history))


def test_a_stage_that_stopped_goes_on_where_it_was(reader: Reader, tmp_path) -> None:
    def run(out, steps: int, stop: int | None = None):
        reading = tiny_reader()
        model = reading.model

        def loss_of(batch, _):
            if stop is not None and seen[0] == stop:
                raise KeyboardInterrupt
            seen[0] += 1
            return static_loss(reading, batch)

        seen = [0]
        encoder_parameters(model, layers=1)
        run_stage(
            "static",
            out,
            model.encoder,
            templated_batch,
            loss_of,
            steps=steps,
            rate=1e-3,
            save_every=2,
        )
        return model.encoder.state_dict()

    whole = run(tmp_path / "whole", 6)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", 6, stop=5)
    resumed = run(tmp_path / "parts", 6)
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, atol=1e-5, rtol=1e-4, msg=name)
    steps = [json.loads(line)["step"] for line in (tmp_path / "parts" / "static.log.jsonl").read_text().splitlines()]
    assert steps == list(range(6))


def test_an_encoder_goes_on_beneath_its_head_held_to_what_that_reads(tmp_path) -> None:
    def moved(hold: float) -> float:
        reading = tiny_reader()
        encoder = reading.model.requires_grad_(False).eval().encoder
        first = {name: weight.clone() for name, weight in encoder.state_dict().items()}
        losses = EncoderLosses(reading, lambda _: nullcontext(), layers=1, hold=hold).requires_grad_(True)
        begun = losses(templated_batch(0), 0)[1]
        assert begun["moved"] == pytest.approx(0, abs=1e-6)
        run_stage("encoder", tmp_path / str(hold), losses, lambda _: templated_batch(0), losses, steps=12, rate=3e-3)
        changed = {name for name, weight in encoder.state_dict().items() if not torch.equal(weight, first[name])}
        last = f"encoder.layer.{encoder.config.num_hidden_layers - 1}."
        assert changed and all(name.startswith(last) for name in changed)
        told = losses(templated_batch(0), 0)[1]
        assert told["static"] < begun["static"] and told["late"] < begun["late"]
        return told["moved"]

    assert moved(hold=100.0) < moved(hold=0.0) / 2


def test_a_batch_knows_who_answers_and_who_competes() -> None:
    alone = Record("alone", ["a", "b"], [Query("b?", [1])])
    several = Record("several", ["c", "d", "e"], [Query("the last?", [2], among=[0, 2])])
    batch = collate([alone, several], random.Random(0))
    assert batch.positive.nonzero().tolist() == [[0, 1], [1, 5]]
    assert batch.rival.nonzero().tolist() == [[0, 1], [1, 3], [1, 5]]


def test_info_nce_sets_each_positive_against_the_negatives_alone() -> None:
    scores = torch.tensor([[1.0, 1.0, 0.0]])
    positive = torch.tensor([[True, True, False]])
    valid = torch.tensor([[True, True, True]])
    expected = torch.log(1 + torch.exp(torch.tensor(-1 / 0.5)))
    torch.testing.assert_close(info_nce(scores, positive, valid, 0.5)[0], expected)


def test_info_nce_without_negatives_is_nothing() -> None:
    everything = torch.tensor([[True, True]])
    assert info_nce(torch.randn(1, 2), everything, everything, 0.5).item() == 0


def test_metrics_by_hand() -> None:
    query = Query("?", [1, 3], among=[0, 1])
    figures = measure(np.array([0.9, 0.5, 0.1, 0.4]), query)
    assert figures["recall@1"] == 0 and figures["recall@5"] == 1
    assert figures["mrr"] == pytest.approx(1 / 2)
    assert figures["ndcg@10"] == pytest.approx((1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3)))
    assert figures["among@1"] == 0


def test_rare_words_weigh_more_and_fusion_listens_to_both() -> None:
    index = LexicalIndex(["the canoe is red", "the house is red", "the sky"])
    scores = index.scores("canoe red")
    assert scores[0] > scores[1] > scores[2] == 0
    dense = np.array([0.0, 0.1, 1.0])
    assert fuse(dense, scores, 1.0).argmax() == 0 and fuse(dense, scores, 0.0).argmax() == 2
