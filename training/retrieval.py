"""Runs a model over records as the engine would: read every segment, then ask every query at the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from data.record import Record
from encoding import Reader
from lexical import LexicalIndex, fuse, z_scores
from model import QUERY

MODES = ("bm25", "static", "evolved", "hybrid static", "hybrid", "evolved reranked", "hybrid reranked")


class Retrieval:
    """Scores [T] of each mode for each query of one record."""

    def __init__(self, reader: Reader, autocast: Callable, lexical_weight: float, modes: tuple[str, ...]) -> None:
        self.reader = reader
        self.autocast = autocast
        self.weight = lexical_weight
        self.modes = modes

    @torch.no_grad()
    def scores(self, record: Record) -> list[dict[str, np.ndarray]]:
        config, head = self.reader.config, self.reader.model.head
        T, d = len(record.segments), config.d
        with self.autocast(self.reader.device):
            static, rows = self.reader.read(record.segments + [q.text for q in record.queries])
        statics, asked = static[None, :T], static[None, T:]
        latents = head.read_memory(rows[None, :T])
        pushed = head.push(latents, statics)
        embeddings = head.embed_sequence(statics, pushed)[0]
        steps = torch.full(asked.shape[:2], T, device=asked.device)
        first = max(0, T - config.capacity)
        queries = head.embed(asked, QUERY, steps, pushed.window(first, T), first)[0]
        evolved = (queries @ embeddings.T).cpu().numpy()
        fixed = (queries[:, :d] @ embeddings[:, :d].T).cpu().numpy()
        index = LexicalIndex(record.segments)
        out = []
        for i, query in enumerate(record.queries):
            lexical = index.scores(query.text)
            told = {
                "bm25": lexical,
                "static": fixed[i],
                "evolved": evolved[i],
                "hybrid static": fuse(fixed[i], lexical, self.weight),
                "hybrid": fuse(evolved[i], lexical, self.weight),
            }
            for name, base in (("evolved reranked", "evolved"), ("hybrid reranked", "hybrid")):
                if name in self.modes:
                    told[name] = self.rerank(told[base], embeddings, latents[0], queries[i], rows[T + i], T)
            out.append({mode: told[mode] for mode in self.modes})
        return out

    def rerank(self, scores, embeddings, latents, query, rows, step) -> np.ndarray:
        """The top candidates in the reranker's order, the rest behind them in their own."""
        N = min(self.reader.config.rerank_candidates, len(scores))
        best = sorted(range(len(scores)), key=lambda i: (-scores[i], -i))[:N]
        top = torch.tensor(sorted(best))
        new = self.reader.model.head.reranker(
            torch.from_numpy(z_scores(scores[top.numpy()])).float()[None],
            embeddings[top][None],
            latents[top].mean(1)[None],
            top[None],
            query[None],
            torch.tensor([step]),
            rows[None],
        )[0].numpy()
        out = scores - scores.max() - 1e3
        out[top.numpy()] = new
        return out
