"""Places: which of several candidates of a kind is wanted, and what that is taught by."""

from __future__ import annotations

import random

import pytest
import torch

from batch import collate
from data.record import Query, Record
from data.templates import generate
from place_losses import BY_PLACE, NEIGHBOUR, QuestionTypes, draw_questions, places_loss, rivals_loss
from places import ASKED, PLACES, Places
from reranker import Reranked

WIDTH = 4
OF_KIND = [1, 4, 5, 8]  # of ten candidates


@pytest.mark.parametrize(
    ("counted", "place", "named", "wanted"),
    [(0, 0, None, 1), (0, 1, None, 4), (0, 3, None, 8), (1, 0, None, 8), (1, 1, None, 5), (2, 1, 4, 5), (2, -1, 4, 1), (2, -2, 8, 4), (2, 0, 6, 8)],
)
@torch.no_grad()
def test_a_place_is_counted_among_the_kind_alone(counted: int, place: int, named: int | None, wanted: int) -> None:
    places = Places(WIDTH)
    for weight in places.parameters():
        weight.zero_()
    places.gate.weight[0, 0] = 1.0
    places.anchor.weight[0, 1] = 1.0
    places.wanted.bias[sum(map(len, PLACES[:counted])) + PLACES[counted].index(place)] = 1.0
    x = torch.zeros(1, 12, WIDTH)
    x[..., 0] = -9.0
    x[:, [*OF_KIND, 11], 0] = 9.0
    if named is not None:  # 6 is none of the kind: an event
        x[:, named, 1] = 30.0
    hidden = torch.arange(12)[None] >= 10
    scores, kind, anchor = places(torch.zeros(1, ASKED, WIDTH), x, torch.zeros(1, 12), hidden)
    assert int(scores.argmax()) == wanted
    assert not scores[hidden].any(), "padding has no place"
    assert (kind[0] > 0).nonzero().flatten().tolist() == [*OF_KIND, 11]
    assert named is None or int(anchor.argmax()) == named


def reranked(Q: int, N: int) -> Reranked:
    one = torch.zeros(Q, N)
    return Reranked(one, torch.zeros(Q, ASKED, WIDTH), [one, one], one.clone(), one.clone())


def test_only_a_question_for_a_place_is_taught_one() -> None:
    rivals, segments = [0, 2, 3], [f"segment {i}" for i in range(5)]
    queries = [
        Query("Which was before that?", [2], type="previous", among=rivals, templated=True),
        Query("Which was first?", [0], type="first", among=rivals, templated=True),
        Query("Who had it?", [2], type="who_had", among=rivals, templated=True),
        Query("Which was first?", [0], type="first", among=rivals),
    ]
    batch = collate([Record("a", segments, queries)], random.Random(0))
    order, hidden = torch.arange(5).expand(4, 5), torch.zeros(4, 5, dtype=torch.bool)
    told = reranked(4, 5)
    before = places_loss(batch, order, told)
    assert before.shape == (2,)
    told.placed[0, 2] = told.anchor[0, 3] = told.placed[1, 0] = 50.0
    assert places_loss(batch, order, told).max() < 1e-3, "segment 3 is what the first question names"
    assert rivals_loss(batch, order, hidden, told.gates).shape == (4,)
    told = reranked(4, 3)
    assert not places_loss(batch, order[:, :3], told).isnan().any(), "a rival that is no candidate"


def test_every_type_that_wants_a_place_is_asked_and_told_from_others() -> None:
    types = QuestionTypes(WIDTH)
    asked = draw_questions(random.Random(3), 50)
    assert len(asked) == 50 and {type for _, type in asked} <= types.index.keys()
    assert BY_PLACE | NEIGHBOUR.keys() <= types.index.keys()
    losses, right = types(torch.randn(3, ASKED, WIDTH), ["first", None, "unheard of"])
    assert losses.shape == right.shape == (3,)
    losses.mean().backward()


def test_a_templated_query_keeps_its_type() -> None:
    record = generate(random.Random(5), 48, [["Hm."]], "changing_facts")
    assert BY_PLACE & {query.type for query in record.queries}
