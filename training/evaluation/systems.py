"""What is compared: each system gives, record by record, its scores [Q, T] of every query under its names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F

from controls import Controls
from data.record import Record
from evaluation.encoded import Texts
from evaluation.late_chunking import late_chunks
from lexical import in_context
from retrieval import lexical_scores

Scores = dict[str, np.ndarray]


class System(Protocol):
    def scores(self, records: list[Record]) -> Iterator[Scores]: ...


class Lexical:
    """BM25, alone and in context."""

    def scores(self, records: list[Record]) -> Iterator[Scores]:
        for record in records:
            scores = lexical_scores(record)
            yield {"BM25": scores, "BM25 in context": in_context(scores)}


class Named:
    """A system under other names: mode -> name."""

    def __init__(self, names: dict[str, str], system: System) -> None:
        self.names = names
        self.system = system

    def scores(self, records: list[Record]) -> Iterator[Scores]:
        for told in self.system.scores(records):
            yield {name: told[mode] for mode, name in self.names.items()}


class Static:
    """Cosines of one encoder's static vectors."""

    def __init__(self, name: str, texts: Texts) -> None:
        self.name = name
        self.texts = texts

    def scores(self, records: list[Record]) -> Iterator[Scores]:
        encoded = self.texts.read(records)
        for record in records:
            segments = F.normalize(encoded.static(record.segments), dim=-1)
            queries = F.normalize(encoded.static([q.text for q in record.queries]), dim=-1)
            yield {self.name: (queries @ segments.T).numpy()}


class Ordered:
    """The controls that know the order of the segments, on the encoder they were trained on."""

    def __init__(self, controls: Controls, texts: Texts) -> None:
        self.controls = controls.eval()
        self.texts = texts

    @torch.no_grad()
    def scores(self, records: list[Record]) -> Iterator[Scores]:
        encoded = self.texts.read(records)
        for record in records:
            T = len(record.segments)
            segments = F.normalize(encoded.static(record.segments), dim=-1)
            queries = F.normalize(encoded.static([q.text for q in record.queries]), dim=-1)
            mixed = self.controls.neighbours(segments[None])[0]
            asked = torch.full((len(queries),), T)
            yield {
                "control: clock": self.controls.clock(queries, segments, torch.arange(T), asked).numpy(),
                "control: neighbours": (queries @ mixed.T).numpy(),
            }


class LateChunking:
    """Segments pooled out of long windows, queries alone; on the encoder that `texts` reads with."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def scores(self, records: list[Record]) -> Iterator[Scores]:
        encoded = self.texts.read(records)
        for record, vectors in zip(records, late_chunks(self.texts, records), strict=True):
            queries = F.normalize(encoded.static([q.text for q in record.queries]), dim=-1)
            yield {"late chunking": (queries @ F.normalize(vectors, dim=-1).T).numpy()}
