"""Late interaction against the definition, word by word, at odd shapes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from config import Config
from late_interaction import CODES, Late, compare, late_scores, query_tokens, remembered, segment_tokens

WIDTH = 5


def rows(*counts: int, seed: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(count, WIDTH + 2, generator=generator) for count in counts]


def by_hand(query: Tensor, segments: list[Tensor], steps: list[int], step: int, reach: int) -> float:
    total = sum(math.log1p(math.exp(row[-2])) for row in query.tolist())
    score = 0.0
    for row in query.tolist():
        length = math.hypot(*row[:WIDTH])
        decay = 1 / (1 + math.exp(-row[-1]))
        best = -math.inf
        for age in range(min(reach, steps[step]) + 1):
            found = []
            for token in segments[step - age].tolist():
                size = math.hypot(*token[:WIDTH])
                codes = [round(CODES * x / size) / CODES for x in token[:WIDTH]]
                found.append(sum(a / length * b for a, b in zip(row[:WIDTH], codes, strict=True)))
            best = max(best, decay**age * max(found, default=0.0))
        score += math.log1p(math.exp(row[-2])) / total * best
    return score


@pytest.mark.parametrize("reach", [0, 1, 4, 99])
def test_scores_are_as_defined(reach: int) -> None:
    queries, segments = rows(3, 1, 7), rows(4, 1, 0, 30, 2, 2, 9, seed=2)
    steps = [0, 1, 2, 3, 0, 1, 2]  # two sequences
    scores = late_scores(queries, segments, torch.tensor(steps), reach)
    expected = [[by_hand(q, segments, steps, n, reach) for n in range(len(segments))] for q in queries]
    torch.testing.assert_close(scores, torch.tensor(expected), atol=1e-5, rtol=0)


def test_what_tokens_find_makes_the_scores() -> None:
    queries, segments, steps = rows(3, 1, 7), rows(4, 1, 0, 9, seed=2), torch.arange(4)
    compared = compare(queries, segments, steps, (0, 2))
    told = compared.by_query()
    assert told.shape == (3, 2, 4, 9)
    for i, (query, found) in enumerate(zip(queries, told, strict=True)):
        _, weights, decays = query_tokens(query)
        n = len(query)
        assert not found[..., 0].any() and not found[..., n + 1 :].any()
        for reach, scores in zip((0, 1), compared.scores(), strict=True):
            torch.testing.assert_close((found[reach, :, 1 : n + 1] * weights).sum(-1), scores[i])
        torch.testing.assert_close(found[1, :, 1 : n + 1].T, remembered(found[0, :, 1 : n + 1].T, decays, steps, 2))


def test_texts_without_tokens_of_their_own_score_nothing() -> None:
    scores = late_scores(rows(0, 2), rows(0, 0), torch.arange(2))
    assert scores.tolist() == [[0, 0], [0, 0]]
    assert late_scores([], rows(3), torch.arange(1)).shape == (0, 1)
    assert late_scores(rows(3), [], torch.arange(0)).shape == (1, 0)


def test_what_was_found_decays_and_never_comes_from_later() -> None:
    found = torch.tensor([[0.2, 0.8, 0.1, 0.1, 0.1]])
    told = remembered(found, torch.tensor([0.5]), torch.arange(5), reach=2)
    torch.testing.assert_close(told, torch.tensor([[0.2, 0.8, 0.4, 0.2, 0.1]]))
    alone = remembered(found, torch.tensor([0.5]), torch.tensor([0, 1, 0, 1, 2]), reach=2)
    torch.testing.assert_close(alone, torch.tensor([[0.2, 0.8, 0.1, 0.1, 0.1]]))


def test_an_untrained_one_weighs_all_tokens_alike_and_forgets_slowly() -> None:
    torch.manual_seed(1)
    late = Late(Config(d=12, token_width=WIDTH))
    _, weights, decays = query_tokens(late(torch.randn(4, 12)))
    torch.testing.assert_close(weights, torch.full((4,), 0.25))
    torch.testing.assert_close(decays, torch.full((4,), 0.9), atol=1e-2, rtol=0)


def test_gradients_pass_the_rounding() -> None:
    query, segment = rows(2)[0].requires_grad_(), rows(3, seed=3)[0].requires_grad_()
    codes = segment_tokens(segment)
    torch.testing.assert_close(codes * CODES, (codes * CODES).round(), atol=1e-4, rtol=0)
    late_scores([query], [segment], torch.arange(1)).sum().backward()
    assert query.grad.abs().sum() > 0 and segment.grad.abs().sum() > 0
