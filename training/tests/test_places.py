"""Places: which of several candidates of a kind is wanted, and what that is taught by."""

from __future__ import annotations

import itertools
import math
import random

import pytest
import torch

from batch import collate
from data.record import Query, Record
from place_losses import CHANGING, NEIGHBOUR, asked_type, draw_questions, places_loss, rivals_loss, types_loss
from places import ASKED, BY_PLACE, PLACES, TEMPLATED, TYPE_INDEX, TYPES, Places, likely_places
from reranker import Reranked

WIDTH = 4
OF_KIND = [1, 4, 5, 8]  # of ten candidates


@pytest.mark.parametrize(
    ("counted", "place", "named", "wanted"),
    [(0, 0, None, 1), (0, 1, None, 4), (0, 3, None, 8), (1, 0, None, 8), (1, 1, None, 5), (2, 1, 4, 5), (2, -1, 4, 1), (2, -2, 8, 4), (2, 0, 4, 4), (2, 1, 6, 8), (2, -1, 6, 5)],
)
@torch.no_grad()
def test_a_place_is_counted_among_the_kind_alone(counted: int, place: int, named: int | None, wanted: int) -> None:
    places = Places(WIDTH)
    for weight in places.parameters():
        weight.zero_()
    places.kind.weight[0, 0] = 1.0
    places.anchor.weight[0, 1] = 1.0
    places.wanted.weight[sum(map(len, PLACES[:counted])) + PLACES[counted].index(place), 3] = 1.0
    types = torch.full((1, TYPES), -9.0)
    types[0, 3] = 9.0
    x = torch.zeros(1, 12, WIDTH)
    counted_before = torch.full((1, 12), -4.0)
    x[..., 0] = -5.0
    x[:, [*OF_KIND, 11], 0] = 13.0
    if named is not None:  # 6 is none of the kind: an event
        x[:, named, 1] = 30.0
    hidden = torch.arange(12)[None] >= 10
    none = torch.zeros(1, 12)
    scores, kind, anchor = places(types, x, counted_before, none, none, hidden)
    assert int(scores.argmax()) == wanted
    assert not scores[hidden].any(), "padding has no place"
    assert (kind[0] > 0).nonzero().flatten().tolist() == [*OF_KIND, 11]
    assert named is None or int(anchor.argmax()) == named


def test_places_are_as_likely_as_over_all_that_may_be_of_the_kind() -> None:
    N, kind = 6, torch.tensor([[-3.0, 0.5, -0.2, 4.0, -1.0, 1.5]])
    anchor = torch.tensor([0.3, 0.05, 0.2, 0.15, 0.1, 0.2])
    expected = torch.zeros(N, sum(map(len, PLACES)))
    for i, told in itertools.product(range(N), itertools.product((0, 1), repeat=N - 1)):
        of_kind = [*told[:i], 1, *told[i:]]
        likely = torch.where(torch.tensor(of_kind) > 0, kind[0], -kind[0]).sigmoid().prod() / kind[0, i].sigmoid()
        from_anchor = {a: math.copysign(sum(of_kind[min(a, i) + 1 : max(a, i)]) + 1, i - a) if a != i else 0 for a in range(N)}
        has = [*(sum(of_kind[:i]) == n for n in PLACES[0]), *(sum(of_kind[i + 1 :]) == n for n in PLACES[1])]
        has += [sum(anchor[a] for a in range(N) if from_anchor[a] == n) for n in PLACES[2]]
        expected[i] += likely * torch.tensor([float(x) for x in has])
    torch.testing.assert_close(torch.stack(likely_places(kind, anchor[None]), -1)[0], expected, atol=1e-6, rtol=0)


def test_places_that_are_asked_for_are_weighed() -> None:
    places = Places(WIDTH)
    torch.nn.init.ones_(places.wanted.weight)
    places.weigh(2.5)
    by_place = [TYPE_INDEX[type] for type in BY_PLACE]
    assert (places.wanted.weight[:, by_place] == 2.5).all()
    assert (places.wanted.weight.sum(1) == TYPES + 1.5 * len(by_place)).all()


def reranked(Q: int, N: int) -> Reranked:
    one = torch.zeros(Q, N)
    return Reranked(one, torch.zeros(Q, TYPES), [one, one], one.clone(), one.clone())


def test_only_a_question_for_a_place_is_taught_one() -> None:
    rivals, segments = [0, 2, 3], [f"segment {i}" for i in range(5)]
    queries = [
        Query("Which was before that?", [2], type="previous", among=rivals, templated=True),
        Query("Which was first?", [0], type="first", among=rivals, templated=True),
        Query("Who had it?", [2], type="who_had", among=rivals, templated=True),
        Query("Which was it after that?", [3], type="after_event", among=rivals, anchor=1, templated=True),
        Query("Which was after the first?", [2], type="second", among=rivals),
    ]
    batch = collate([Record("a", segments, queries)], random.Random(0))
    order, hidden = torch.arange(5).expand(5, 5), torch.zeros(5, 5, dtype=torch.bool)
    told = reranked(5, 5)
    before = places_loss(batch, order, told)
    assert before.shape == (3,)
    told.placed[0, 2] = told.anchor[0, 3] = told.placed[1, 0] = told.placed[3, 3] = told.anchor[3, 1] = 50.0
    assert places_loss(batch, order, told).max() < 1e-3, "segment 3 is what the first question names, 1 an event"
    assert rivals_loss(batch, order, hidden, told.gates).shape == (5,)
    told = reranked(5, 3)
    assert not places_loss(batch, order[:, :3], told).isnan().any(), "a rival that is no candidate"


def test_what_scores_by_place_tells_the_gates_nothing() -> None:
    places = Places(WIDTH)
    torch.nn.init.ones_(places.wanted.weight)
    x = torch.randn(2, 5, WIDTH)
    counted, none = torch.randn(2, 5, requires_grad=True), torch.zeros(2, 5)
    scores, kind, _ = places(torch.zeros(2, TYPES), x, counted, none, none, none.bool())
    scores.sum().backward()
    assert counted.grad is None and places.kind.weight.grad is None and places.wanted.weight.grad.any()
    kind.sum().backward()
    assert counted.grad.all() and places.kind.weight.grad.any()


def test_every_type_that_wants_a_place_is_asked_and_told_from_others() -> None:
    asked = draw_questions(random.Random(3), 4000)
    assert len(asked) == 4000 and {type for _, type in asked} == set(TEMPLATED)
    assert len(set(TEMPLATED)) == len(TEMPLATED) < TYPES
    assert {*BY_PLACE, *NEIGHBOUR} <= set(TEMPLATED) and CHANGING <= set(BY_PLACE)
    types = Places(WIDTH).types(torch.randn(3, ASKED, WIDTH))
    losses, right = types_loss(types, ["first", None, "latest"])
    assert types.shape == (3, TYPES) and losses.shape == right.shape == (3,)
    losses.mean().backward()
    with pytest.raises(KeyError, match="unheard of"):
        types_loss(types[:1], ["unheard of"])


def test_a_natural_question_for_one_of_several_rivals_has_a_type() -> None:
    assert asked_type(Query("Which was first?", [1], type="first", among=[1, 2])) == "first"
    assert asked_type(Query("Which was first?", [1], type="first")) is None
    assert asked_type(Query("What became of it?", [1], type="event", among=[1, 2])) is None
    assert asked_type(Query("What became of it?", [1], type="event", templated=True)) == "event"
