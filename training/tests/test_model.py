"""What the model promises: whatever way it is read, the same segments give the same vectors."""

from __future__ import annotations

from unittest.mock import patch

import pytest
import torch

from config import Config
from model import QUERY, SEGMENT, Head, round_f16
from places import TYPE_INDEX
from tiny_model import tiny_model

CONFIG = Config(d=24, memory_queries=3, capacity=4, heads=2, clock=6, rerank_width=16, rerank_heads=2, rerank_layers=2)


def head() -> Head:
    torch.manual_seed(3)
    made = Head(CONFIG)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return made.eval()


def sequence(T: int, B: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(T)
    return torch.randn(B, T, CONFIG.d), round_f16(torch.randn(B, T, CONFIG.memory_queries, CONFIG.d))


@torch.no_grad()
def test_bulk_and_one_by_one_agree() -> None:
    made, (static, rows) = head(), sequence(11)
    latents = made.read_memory(rows)
    pushed = made.push(latents, static)
    bulk = made.embed_sequence(static, pushed, chunk=64)
    torch.testing.assert_close(made.embed_sequence(static, pushed, chunk=1), bulk, atol=1e-5, rtol=0)
    torch.testing.assert_close(made.embed_sequence(static, pushed, chunk=5), bulk, atol=1e-5, rtol=0)


@torch.no_grad()
def test_padding_and_neighbours_change_nothing() -> None:
    made = head()
    static, rows = sequence(9, B=3)
    together = made.read_memory(rows)
    alone = made.read_memory(rows[1:2, :6])
    torch.testing.assert_close(together[1:2, :6], alone, atol=2e-3, rtol=0)


@torch.no_grad()
def test_a_row_sees_the_newest_capacity_segments_alone() -> None:
    made, (static, rows) = head(), sequence(10)
    latents = made.read_memory(rows)
    far, near = latents.clone(), latents.clone()
    far[:, 5] += 1  # step 10 sees 6..9
    near[:, 6] += 1
    asked, steps = static[:, :1], torch.tensor([[10]])
    vector = made.embed(asked, QUERY, steps, made.push(latents, static))
    torch.testing.assert_close(made.embed(asked, QUERY, steps, made.push(far, static)), vector)
    assert (made.embed(asked, QUERY, steps, made.push(near, static)) - vector).abs().max() > 1e-3


@torch.no_grad()
def test_the_first_segment_sees_nothing() -> None:
    made, (static, rows) = head(), sequence(3)
    first = made.embed(static[:, :1], SEGMENT, torch.tensor([[0]]), made.push(made.read_memory(rows), static))
    assert torch.isfinite(first).all()
    assert (first[..., CONFIG.d : 2 * CONFIG.d] == 0).all()


@torch.no_grad()
def test_untrained_queries_ask_the_static_model_and_half_the_context() -> None:
    made, (static, rows) = Head(CONFIG).eval(), sequence(5)
    query = made.embed(static, QUERY, torch.full((1, 5), 5), made.push(made.read_memory(rows), static))
    p, context, clock = query.split([CONFIG.d, CONFIG.d, CONFIG.clock], -1)
    torch.testing.assert_close(context, 0.5 * p)
    assert (clock == 0).all()


@torch.no_grad()
def test_a_query_whose_memory_parts_are_short_searches_statically() -> None:
    made, d = head(), CONFIG.d
    embedded = torch.randn(4, CONFIG.embedding)
    memory = torch.nn.functional.normalize(embedded[:, d:], dim=-1)
    strengths = CONFIG.reliance_threshold * torch.tensor([0.0, 0.5, 1.0, 2.0])
    embedded[:, d:] = strengths.sqrt()[:, None] * memory
    queries, reliance = made.rely(embedded)
    torch.testing.assert_close(reliance, torch.tensor([0, 1 / 65, 0.5, 64 / 65]))
    torch.testing.assert_close(queries[:, :d], embedded[:, :d])
    torch.testing.assert_close(queries[:, d:], reliance[:, None] * embedded[:, d:])


def test_latents_are_f16_and_gradients_pass() -> None:
    made, (_, rows) = head(), sequence(7)
    rows.requires_grad_(True)
    latents = made.read_memory(rows)
    assert torch.equal(latents, latents.half().float())
    latents[:, -1].sum().backward()
    assert rows.grad[:, 0].abs().sum() > 0, "the first segment reaches the last latents through the queue"


@torch.no_grad()
def test_reranker_is_blind_to_padding() -> None:
    made = head().reranker
    N, K, E = 5, CONFIG.memory_queries, CONFIG.embedding
    scores, late = torch.randn(2, 1, N)
    inputs = [scores, late, torch.randn(1, N, E), torch.randn(1, N, CONFIG.d), torch.arange(N)[None]]
    found = torch.rand(1, 2, N, 4)
    query = [torch.randn(1, E), torch.tensor([0.7]), torch.tensor([9]), torch.randn(1, K, CONFIG.d)]
    states = torch.randn(1, 4, CONFIG.d)
    for weight in (made.places.wanted.weight, made.matches.output.weight):
        torch.nn.init.normal_(weight)
    padded = [torch.cat([x, x[:, :2] * 0 + 7], 1) for x in (*inputs, states)]
    more = [torch.tensor([[False] * n + [True] * 2]) for n in (4, N)]
    wider = torch.nn.functional.pad(found, (0, 2, 0, 2), value=0.9)
    got = made(*padded[:2], wider, *padded[2:-1], *query, padded[-1], *more)[:, :N]
    torch.testing.assert_close(got, made(*inputs[:2], found, *inputs[2:], *query, states), atol=1e-5, rtol=0)


@torch.no_grad()
def test_parts_of_a_question_meet_what_their_tokens_find() -> None:
    made = head().reranker.matches
    torch.nn.init.normal_(made.output.weight)
    states, found = torch.randn(3, 4, CONFIG.d), torch.rand(3, 2, 5, 4)
    none = torch.zeros(3, 4, dtype=torch.bool), torch.zeros(3, 5, dtype=torch.bool)
    attention = made.attention(made.norm(states)).softmax(1)
    told = []
    for reach in (0, 1):
        met = (found[:, reach, :, :, None] * attention[:, None]).sum(2)
        told += [met, met - met.amax(1, keepdim=True)]
    expected = made.output(4 * torch.cat(told, -1))
    torch.testing.assert_close(made(states, none[0], found, none[1]), expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_trust_scales_what_the_reranker_adds_but_for_questions_by_place() -> None:
    made = head().reranker
    N, K, E = 5, CONFIG.memory_queries, CONFIG.embedding
    score, late = torch.randn(2, 1, N)
    found = torch.rand(1, 2, N, 4)
    torch.nn.init.normal_(made.places.wanted.weight)

    def reranked(trust: float) -> torch.Tensor:
        torch.manual_seed(4)
        candidates = [torch.randn(1, N, E), torch.randn(1, N, CONFIG.d), torch.arange(N)[None]]
        query = [torch.randn(1, E), torch.tensor([trust]), torch.tensor([9]), torch.randn(1, K, CONFIG.d)]
        told = made.rerank(score, late, found, *candidates, *query, torch.randn(1, 4, CONFIG.d))
        return told.score - score - told.placed

    def sure(type: str | None) -> None:
        made.places.classifier.bias[TYPE_INDEX[type]] += 1e3

    sure(None)
    assert reranked(1.0).abs().max() > 0.1
    torch.testing.assert_close(reranked(0.25), reranked(1.0) / 4, atol=1e-5, rtol=0)
    for _ in range(2):
        sure("previous")
    torch.testing.assert_close(reranked(0.25), reranked(1.0), atol=1e-5, rtol=0)


@torch.no_grad()
def test_middle_states_are_those_of_the_middle_layer() -> None:
    model = tiny_model(50)
    ids = torch.randint(50, (2, 6))
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    states = model.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    with patch.object(model.encoder.encoder.layer[1], "forward", None):  # is not needed
        torch.testing.assert_close(model.middle_states(ids, mask), states[1], atol=0, rtol=0)
        with pytest.raises(TypeError):
            model.token_states(ids, mask)
    torch.testing.assert_close(model.token_states(ids, mask), states[2], atol=0, rtol=0)


def test_a_reranker_without_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="rerank_layers 1 is below 2"):
        Head(Config(**(vars(CONFIG) | {"rerank_layers": 1})))
