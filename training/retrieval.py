"""Runs a model over records as the engine would: read every segment, then ask every query at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from data.record import Record
from encoding import Reader
from evaluation.encoded import Encoded, Texts
from lexical import LEXICAL_WEIGHT, LexicalIndex, fuse, in_context, z_scores
from model import QUERY, Head

FIRST = ("static", "evolved")
MODES = ("static", "evolved", "hybrid static", "hybrid", "evolved reranked", "hybrid reranked")
WITHOUT_MEMORY = "hybrid static reranked"
"""Without memory parts anywhere; with a head without recurrence, without memory."""
MEMORY_ROWS = 4096  # segments of several records whose memory is read side by side, with their padding


def lexical_scores(record: Record) -> np.ndarray:
    """BM25 [Q, T]."""
    index = LexicalIndex(record.segments)
    return np.stack([index.scores(query.text) for query in record.queries])


class Retrieval:
    """Scores [Q, T] of each mode for all queries of a record at once."""

    def __init__(
        self,
        texts: Texts,
        lexical_weight: float = LEXICAL_WEIGHT,
        modes: tuple[str, ...] = MODES,
        head: Head | None = None,
    ) -> None:
        """head: another one than the model's, with the same pool."""
        self.texts = texts
        self.head = head or texts.reader.model.head
        self.config = texts.reader.config
        self.weight = lexical_weight
        self.modes = modes

    @staticmethod
    def of(reader: Reader, autocast: Callable, modes: tuple[str, ...] = MODES) -> Retrieval:
        return Retrieval(Texts(reader, autocast, memory=True), modes=modes)

    @torch.no_grad()
    def scores(self, records: list[Record]) -> Iterator[dict[str, np.ndarray]]:
        """For each record in turn, mode -> scores [Q, T]."""
        encoded = self.texts.read(records)
        for record, latents in zip(records, self.latents(records, encoded), strict=True):
            yield self.score(record, encoded, latents)

    @torch.no_grad()
    def latents(self, records: list[Record], encoded: Encoded) -> list[Tensor]:
        """Each record's latents [T, K, d]; records of like length step by step together."""
        out: dict[int, Tensor] = {}
        order = sorted(range(len(records)), key=lambda i: -len(records[i].segments))
        while order:
            T = len(records[order[0]].segments)
            count = max(1, MEMORY_ROWS // T)
            group, order = order[:count], order[count:]
            shape = (len(group), T, self.config.memory_queries, self.config.d)
            rows = torch.zeros(shape, device=self.texts.reader.device)
            for row, i in enumerate(group):
                rows[row, : len(records[i].segments)] = encoded.rows(records[i].segments)
            with self.texts.autocast(rows.device):
                latents = self.head.read_memory(rows).half().cpu()  # of f16 values
            out |= {i: latents[row, : len(records[i].segments)].clone() for row, i in enumerate(group)}
        return [out[i] for i in range(len(records))]

    @torch.no_grad()
    def score(self, record: Record, encoded: Encoded, latents: Tensor) -> dict[str, np.ndarray]:
        """Mode -> scores [Q, T] of a record whose texts and latents [T, K, d] were read."""
        d, T, device = self.config.d, len(record.segments), self.texts.reader.device
        questions = [query.text for query in record.queries]
        statics = encoded.static(record.segments)[None].to(device)
        asked = encoded.static(questions)[None].to(device)
        latents = latents[None].float().to(device)
        with self.texts.autocast(device):
            pushed = self.head.push(latents, statics)
            embeddings = self.head.embed_sequence(statics, pushed)[0].float()
            steps = torch.full(asked.shape[:2], T, device=device)
            first = max(0, T - self.config.capacity)
            queries = self.head.embed(asked, QUERY, steps, pushed.window(first, T), first)[0].float()
        queries, reliance = self.head.rely(queries)
        told = {
            "static": (queries[:, :d] @ embeddings[:, :d].T).cpu().numpy(),
            "evolved": (queries @ embeddings.T).cpu().numpy(),
        }
        if set(self.modes) - set(FIRST):
            lexical = in_context(lexical_scores(record))
            told["hybrid static"] = fuse(told["static"], lexical, self.weight)
            told["hybrid"] = fuse(told["evolved"], lexical, self.weight * (1 - reliance.cpu().numpy()))
            rows = encoded.rows(questions).to(device)
            for mode in self.modes:
                if mode.endswith(" reranked"):
                    base = told[mode.removesuffix(" reranked")]
                    vectors = (embeddings, queries)
                    if mode == WITHOUT_MEMORY:
                        vectors = tuple(F.pad(v[:, :d], (0, v.shape[1] - d)) for v in vectors)
                    told[mode] = self._rerank(base, vectors[0], latents[0], vectors[1], rows)
        return {mode: told[mode] for mode in self.modes}

    def _rerank(
        self, scores: np.ndarray, embeddings: Tensor, latents: Tensor, queries: Tensor, rows: Tensor
    ) -> np.ndarray:
        """The top candidates of each query in the reranker's order, the rest behind them in their own."""
        T, device = scores.shape[1], embeddings.device
        N = min(self.config.rerank_candidates, T)
        newest_first = np.argsort(-scores[:, ::-1], axis=1, kind="stable")[:, :N]
        top = np.sort(T - 1 - newest_first, axis=1)
        index = torch.from_numpy(top).to(device)
        with self.texts.autocast(device):
            new = self.head.reranker(
                torch.from_numpy(z_scores(np.take_along_axis(scores, top, 1))).float().to(device),
                embeddings[index],
                latents.mean(1)[index],
                index,
                queries,
                torch.full((len(queries),), T, device=device),
                rows,
            )
        out = scores - scores.max(1, keepdims=True) - 1e3
        np.put_along_axis(out, top, new.float().cpu().numpy().astype(out.dtype), 1)
        return out
