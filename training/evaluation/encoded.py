"""Texts read once by one encoder, for all that is computed from them; kept on disk between runs if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor

from data.record import Record
from encoding import Reader
from kept import fingerprint, kept

Read = tuple[Tensor, Tensor | None, list[Tensor] | None]
BATCH = 2000  # texts read at a time, so that what is in flight stays small


class Encoded:
    """Static vectors [N, d] of distinct texts and, where the reader has a head, memory rows [N, K, d] and what late
    interaction reads of their tokens, raw [n, t + 2] each."""

    def __init__(
        self, texts: list[str], static: Tensor, rows: Tensor | None = None, late: list[Tensor] | None = None
    ) -> None:
        self._place = {text: i for i, text in enumerate(texts)}
        self._static = static
        self._rows = rows
        self._late = late

    def static(self, texts: list[str]) -> Tensor:
        """Unnormalised, f32 [len(texts), d]."""
        return self._static[self._places(texts)]

    def rows(self, texts: list[str]) -> Tensor:
        """f32 [len(texts), K, d]."""
        if self._rows is None:
            raise ValueError("these texts were read without a head")
        return self._rows[self._places(texts)].float()

    def late(self, texts: list[str]) -> list[Tensor]:
        """f32 [n, t + 2] each."""
        if self._late is None:
            raise ValueError("these texts were read without a head")
        return [self._late[i].float() for i in self._places(texts).tolist()]

    def missing(self, texts: list[str]) -> list[str]:
        return [text for text in texts if text not in self._place]

    def plus(
        self, texts: list[str], static: Tensor, rows: Tensor | None = None, late: list[Tensor] | None = None
    ) -> Encoded:
        """These and further texts."""
        more = None if self._rows is None else torch.cat([self._rows, rows])
        later = None if self._late is None else self._late + late
        return Encoded([*self._place, *texts], torch.cat([self._static, static]), more, later)

    def _places(self, texts: list[str]) -> Tensor:
        return torch.tensor([self._place[text] for text in texts], dtype=torch.long)


class Texts:
    """Reads the texts of records with one model, each distinct text once."""

    def __init__(
        self, reader: Reader, autocast: Callable, *, memory: bool = False, cache: Path | None = None
    ) -> None:
        self.reader = reader
        self.autocast = autocast
        self.memory = memory
        self.cache = cache
        self._last: Encoded | None = None
        modules = [reader.model.encoder, *([reader.model.head.pool, reader.model.head.late] if memory else [])]
        self._fingerprint = fingerprint(modules, autocast, reader.device) if cache else ""

    def read(self, records: Iterable[Record]) -> Encoded:
        """Segments and queries of the records."""
        return self.read_texts([t for r in records for t in [*r.segments, *(q.text for q in r.queries)]])

    def read_texts(self, texts: list[str]) -> Encoded:
        """What the last call read is not read again, as long as most of this call's texts were in it."""
        distinct = list(dict.fromkeys(texts))
        missing = self._last.missing(distinct) if self._last else distinct
        if self._last is None or 2 * len(missing) > len(distinct):
            self._last = Encoded(distinct, *self._kept(distinct))
        elif missing:
            self._last = self._last.plus(missing, *self._kept(missing))
        return self._last

    def _kept(self, texts: list[str]) -> Read:
        return kept(self.cache, [self._fingerprint, *texts], lambda: self._read(texts))

    @torch.no_grad()
    def _read(self, texts: list[str]) -> Read:
        """By length, so that the batches of all records share their padding; rows are f16 values, kept as such, and so is late."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        statics, rows, late = [], [], []
        for start in range(0, len(order), BATCH):
            part = [texts[i] for i in order[start : start + BATCH]]
            with self.autocast(self.reader.device):
                if self.memory:
                    static, row, tokens = self.reader.read_tokens(part)
                    rows.append(row.half().cpu())
                    late += [raw.half().cpu() for raw in tokens]
                else:
                    static = self.reader.static(part)
            statics.append(static.float().cpu())
        back = torch.tensor(order).argsort()
        if not self.memory:
            return torch.cat(statics)[back], None, None
        return torch.cat(statics)[back], torch.cat(rows)[back], [late[i] for i in back.tolist()]
