"""A head carried over to an encoder whose states are the old ones, turned and scaled, computes what it did."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from carry_over import Similarity, carry_over, fit_projection
from model import QUERY, Head, round_f16

from test_model import CONFIG, head

SCALE = 2.0


def rotation() -> Tensor:
    """One that leaves the mean of a vector's entries as it is, so that layer norms commute with it."""
    torch.manual_seed(1)
    d = CONFIG.d
    basis, _ = torch.linalg.qr(torch.cat([torch.ones(d, 1), torch.randn(d, d - 1)], 1))
    inner, _ = torch.linalg.qr(torch.randn(d - 1, d - 1))
    return basis @ torch.block_diag(torch.ones(1, 1), inner) @ basis.T


ROTATION = rotation()
FIT = Similarity(ROTATION, SCALE, torch.zeros(CONFIG.d))


def turned(old: Tensor) -> Tensor:
    return old @ ROTATION / SCALE


def states(*shape: int) -> Tensor:
    """As an encoder's: what has passed a layer norm, with no mean over the texts."""
    made = F.layer_norm(torch.randn(*shape, CONFIG.d), (CONFIG.d,))
    return torch.cat([made, -made])


def old_head() -> Head:
    made = head()
    with torch.no_grad():
        made.represent.norm.weight.fill_(0.7)
        made.reranker.candidate.weight[:, 3 * CONFIG.d :] = 0
    return made


@torch.no_grad()
def scores(made: Head, static: Tensor, asked: Tensor, latents: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """First scores [Q, T] and those of the reranker."""
    pushed, steps = made.push(latents, static), torch.full(asked.shape[:2], static.shape[1])
    embeddings, queries = made.embed_sequence(static, pushed)[0], made.embed(asked, QUERY, steps, pushed)[0]
    first = queries @ embeddings.T
    Q, T = first.shape
    told = [x.expand(Q, *x.shape) for x in (embeddings, latents[0].mean(1), torch.arange(T))]
    return first, made.reranker(first, *told, queries, steps[0], rows)


def test_the_similarity_is_found() -> None:
    old = torch.randn(200, CONFIG.d)
    fit = Similarity.between(old, turned(old) + 3)
    torch.testing.assert_close(fit.rotation, ROTATION, atol=1e-4, rtol=0)
    assert abs(fit.scale - SCALE) < 1e-4
    assert fit.explained(old, turned(old) + 3) > 0.9999


def test_scores_are_what_they_were() -> None:
    old, static, asked = old_head(), states(5)[None], states(2)[None]
    latents = round_f16(torch.randn(1, 10, CONFIG.memory_queries, CONFIG.d))
    rows = torch.randn(4, CONFIG.memory_queries, CONFIG.d)
    made = carry_over(old, FIT, static[0], turned(static[0]))
    before = scores(old, static, asked, latents, rows)
    for was, now in zip(before, scores(made, turned(static), turned(asked), latents, rows), strict=True):
        torch.testing.assert_close(now, was, atol=1e-3, rtol=1e-3)


@torch.no_grad()
def test_the_pool_gives_the_rows_it_gave() -> None:
    torch.manual_seed(4)
    old, read, mask = old_head(), states(60).reshape(30, 4, CONFIG.d), torch.ones(30, 4)
    made = carry_over(old, FIT, read[:, 0], turned(read[:, 0]))
    rows = old.pool(read, mask)[1]
    summaries = (turned(read) @ made.pool.query.T).softmax(1).transpose(1, 2) @ turned(read)
    assert fit_projection(made, summaries, rows) > 0.98
    assert F.cosine_similarity(made.pool(turned(read), mask)[1], rows, dim=-1).mean() > 0.99
