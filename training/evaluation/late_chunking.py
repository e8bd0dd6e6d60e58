"""Late chunking: several segments in one pass of the encoder, pooled apart, so that each one's tokens saw its neighbours.

A window is as long as the encoder's limit for segments; half of it at most repeats segments already pooled, as
context for those that follow. (Günther et al., "Late Chunking", arXiv 2409.04701.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from data.record import Record
from encoding import BATCH_TOKENS
from evaluation.encoded import Texts


@dataclass(slots=True)
class Window:
    ids: list[int]
    spans: list[tuple[int, int, int]]  # segment, and its tokens [first, stop) in the window


def windows(tokens: list[list[int]], limit: int, first: int, last: int) -> list[Window]:
    """tokens: each segment's, without special ones; first and last: the special ones around a window."""
    room, out, start = limit - 2, [], 0
    while start < len(tokens):
        context, size = start, min(len(tokens[start]), room)
        while context > 0 and size + len(tokens[context - 1]) <= room // 2:
            context -= 1
            size += len(tokens[context])
        window = Window([first, *(i for part in tokens[context:start] for i in part)], [])
        stop = start
        while stop < len(tokens) and (stop == start or len(window.ids) - 1 + len(tokens[stop]) <= room):
            begin = len(window.ids)
            window.ids += tokens[stop][: room + 1 - begin]
            window.spans.append((stop, begin, len(window.ids)))
            stop += 1
        window.ids.append(last)
        out.append(window)
        start = stop
    return out


@torch.no_grad()
def late_chunks(texts: Texts, records: list[Record]) -> list[Tensor]:
    """Each record's segments as unnormalised vectors [T, d]."""
    reader = texts.reader
    limit, tokenizer = reader.config.max_tokens, reader.tokenizer
    vectors = [torch.zeros(len(r.segments), reader.config.d) for r in records]
    todo: list[tuple[int, Window]] = []
    for i, record in enumerate(records):
        tokens = tokenizer(record.segments, add_special_tokens=False, truncation=True, max_length=limit - 2)
        todo += [
            (i, w)
            for w in windows(tokens["input_ids"], limit, tokenizer.cls_token_id, tokenizer.sep_token_id)
        ]
    todo.sort(key=lambda pair: len(pair[1].ids))
    count = max(1, BATCH_TOKENS // limit)
    for start in range(0, len(todo), count):
        group = todo[start : start + count]
        ids = torch.zeros(len(group), max(len(w.ids) for _, w in group), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, (_, window) in enumerate(group):
            ids[row, : len(window.ids)] = torch.tensor(window.ids)
            mask[row, : len(window.ids)] = 1
        with texts.autocast(reader.device):
            states = reader.model.token_states(ids.to(reader.device), mask.to(reader.device))
        states = states.float().cpu()
        for row, (i, window) in enumerate(group):
            for segment, begin, end in window.spans:
                if end > begin:
                    vectors[i][segment] = states[row, begin:end].mean(0)
    return vectors
