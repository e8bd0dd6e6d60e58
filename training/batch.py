"""One training batch: several sequences, their segments and queries, and who answers whom."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, get_args

import torch
from torch import Tensor

from data.mixture import Mixture
from data.record import Query, Record
from data.sequences import templated, woven
from data.templates import QUESTIONS
from lexical import LexicalIndex, in_context

LENGTHS = {24: 0.2, 32: 0.2, 48: 0.2, 64: 0.25, 128: 0.1, 192: 0.05}
MAX_QUERIES = 10  # a sequence
Kind = Literal["templated", "woven", "natural"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(eq=False)
class Batch:
    """B sequences padded to T segments; N = B T, Q queries."""

    segments: list[str]  # all real segments, sequence after sequence
    valid: Tensor  # [B, T]
    queries: list[Query]
    sequence: Tensor  # [Q], which sequence a query is of
    positive: Tensor  # [Q, N]
    rival: Tensor  # [Q, N], what competes for the query: its `among`, evidence included; where it has none, its evidence
    templated: Tensor  # [Q], whether the query comes from templates

    @property
    def shape(self) -> tuple[int, int]:
        return self.valid.shape[0], self.valid.shape[1]

    @property
    def length(self) -> Tensor:
        """Segments of each query's sequence [Q]: the step it is asked at."""
        return self.valid.sum(1)[self.sequence]

    @property
    def steps(self) -> Tensor:
        """Of all real segments in their sequences [N real]."""
        return torch.arange(self.shape[1]).expand(self.shape)[self.valid]

    @property
    def own(self) -> Tensor:
        """Segments of the query's own sequence [Q, N]."""
        B, T = self.shape
        same = self.sequence[:, None] == torch.arange(B)[None]
        return same.repeat_interleave(T, 1) & self.valid.reshape(1, -1)

    @cached_property
    def lexical(self) -> Tensor:
        """BM25 in context of the segments of each query's own sequence [Q, N], 0 elsewhere."""
        scores, T = torch.zeros(self.positive.shape), self.shape[1]
        ends = self.valid.sum(1).cumsum(0).tolist()
        indices = [LexicalIndex(self.segments[start:end]) for start, end in zip([0, *ends], ends)]
        for row, query, b in zip(scores, self.queries, self.sequence.tolist(), strict=True):
            found = in_context(indices[b].scores(query.text))
            row[b * T : b * T + len(found)] = torch.from_numpy(found)
        return scores

    def by_kind(self, figures: dict[str, Tensor]) -> dict[str, float]:
        """Means of figures [Q], of natural and of templated queries apart; of no query, none."""
        told = {}
        for kind, mask in (("natural", ~self.templated), ("templated", self.templated)):
            if mask.any():
                told |= {f"{kind} {name}": values.detach().cpu()[mask].mean().item() for name, values in figures.items()}
        return told

    def pad(self, flat: Tensor) -> Tensor:
        """[real segments, ...] -> [B, T, ...], zeros elsewhere."""
        padded = flat.new_zeros(*self.shape, *flat.shape[1:])
        padded[self.valid.to(flat.device)] = flat
        return padded

    def by_sequence(self, flat: Tensor) -> tuple[Tensor, Tensor]:
        """Queries [Q, ...] -> [B, most, ...] and the [Q] places they went to in its first two axes, flat."""
        B = self.shape[0]
        place = torch.zeros(len(self.sequence), dtype=torch.long)
        seen = [0] * B
        for i, b in enumerate(self.sequence.tolist()):
            place[i] = seen[b]
            seen[b] += 1
        most = max(seen)
        padded = flat.new_zeros(B, most, *flat.shape[1:])
        padded[self.sequence, place] = flat
        return padded, self.sequence * most + place


def collate(records: list[Record], rng: random.Random, most: int = MAX_QUERIES) -> Batch:
    """most: queries of a sequence; of more, some are drawn."""
    T = max(len(r.segments) for r in records)
    valid = torch.zeros(len(records), T, dtype=torch.bool)
    queries, sequence, positive, rival = [], [], [], []
    for b, record in enumerate(records):
        valid[b, : len(record.segments)] = True
        asked = record.queries
        for query in rng.sample(asked, most) if len(asked) > most else asked:
            queries.append(query)
            sequence.append(b)
            for rows, steps in ((positive, query.evidence), (rival, {*query.evidence, *(query.among or [])})):
                row = torch.zeros(len(records) * T, dtype=torch.bool)
                row[[b * T + i for i in steps]] = True
                rows.append(row)
    return Batch(
        [s for r in records for s in r.segments],
        valid,
        queries,
        torch.tensor(sequence),
        torch.stack(positive),
        torch.stack(rival),
        torch.tensor([query.templated for query in queries]),
    )


def pooled(batch: Callable[[int], Batch], pool: int, visits: int) -> Callable[[int], Batch]:
    """`batch` drawn so that `pool` batches, the same objects, are visited `visits` times in turn before the next ones."""

    @lru_cache(pool)
    def kept(index: int) -> Batch:
        return batch(index)

    return lambda step: kept(step % pool + pool * (step // (pool * visits)))


def shuffled(batch: Callable[[int], Batch], steps: int, window: int, seed: int) -> Callable[[int], Batch]:
    """`batch` of `steps`, each `window` of them in an order that depends on `seed`."""

    def at(step: int) -> Batch:
        first = step - step % window
        count = min(window, steps - first)
        return batch(first + random.Random(f"{seed}/{first}").sample(range(count), count)[step - first])

    return at


def in_succession(first: Callable[[int], Batch], steps: int, then: Callable[[int], Batch]) -> Callable[[int], Batch]:
    """`steps` batches of `first`, and those of `then` after them."""
    return lambda step: first(step) if step < steps else then(step - steps)


def batches(
    mixture: Mixture,
    seed: int,
    segments: int,
    template_share: float,
    facts_share: float = 0.0,
    woven_share: float = 0.0,
    mixed: bool = False,
    most_queries: int = MAX_QUERIES,
    lengths: Mapping[int, float] = LENGTHS,
) -> Callable[[int], Batch]:
    """`batch(step)`: the same batch for the same seed and step, whoever trains on it.

    segments: how many a batch has, about; template_share: of its sequences, how many come from templates;
    facts_share: of those, how many are about changing facts whatever else; woven_share: in how many of the others a
    templated conversation is told between what is natural; mixed: sequences of a batch differ in length;
    most_queries: of a sequence; lengths: of sequences, in segments, and how often each is drawn.
    """

    def sequence(rng: random.Random, length: int, kind: Kind) -> Record:
        if kind == "templated":
            about = "changing_facts" if rng.random() < facts_share else None
            return templated(rng, mixture, length, about, max(QUESTIONS, most_queries))
        if kind == "woven":
            return woven(rng, mixture, length, rng.randint(6, length // 2), most_queries)
        return mixture.sequence(rng, length, most=most_queries)

    of_others = (1 - template_share) * woven_share
    shares = (template_share, of_others, 1 - template_share - of_others)

    def batch(step: int) -> Batch:
        rng = random.Random(f"{seed}/{step}")

        def drawn() -> int:
            return rng.choices(list(lengths), list(lengths.values()))[0]

        length = drawn()
        records: list[Record] = []
        while not records or sum(len(r.segments) for r in records) < segments - length // 2:
            if mixed and records:
                length = drawn()
            record = sequence(rng, length, rng.choices(KINDS, shares)[0])
            if record.queries:
                records.append(record)
        return collate(records, rng, most_queries)

    return batch
