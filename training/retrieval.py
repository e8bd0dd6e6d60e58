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
from late_interaction import REACH, compare
from lexical import LEXICAL_WEIGHT, LexicalIndex, fuse, in_context, z_scores
from model import QUERY, Head

MODES = (
    "static",
    "late interaction",
    "evolved vectors",
    "evolved",
    "hybrid static",
    "hybrid",
    "evolved reranked",
    "hybrid reranked",
)
"""`static`, `late interaction` and `hybrid static` know nothing of other segments, but for BM25 in context."""
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
        reach: int = REACH,
    ) -> None:
        """head: another one than the model's, with the same pool. reach: segments before one that count for its tokens."""
        self.texts = texts
        self.head = head or texts.reader.model.head
        self.config = texts.reader.config
        self.weight = lexical_weight
        self.reach = reach
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
            "evolved vectors": (queries @ embeddings.T).cpu().numpy(),
        }
        if set(self.modes) - set(told):
            tokens = encoded.late(questions), encoded.late(record.segments), torch.arange(T)
            compared = compare(*tokens, (0, self.reach))
            told["late interaction"], late = (x.numpy() for x in compared.scores())
            reliance = reliance.cpu().numpy()
            share = 1 - self.config.late_yields * reliance
            told["evolved"] = self._with_late(told["evolved vectors"], late, share)
            lexical = in_context(lexical_scores(record))
            alone, fused = (
                fuse(told[mode], lexical, self.weight * asks) for mode, asks in (("static", 1), ("evolved vectors", 1 - reliance))
            )
            told["hybrid static"] = self._with_late(alone, told["late interaction"], np.ones_like(share))
            told["hybrid"] = self._with_late(fused, late, share)
            if any(mode.endswith(" reranked") for mode in self.modes):
                with self.texts.autocast(device):
                    states = self.texts.reader.question_states(questions)
                asked = encoded.rows(questions).to(device), *states
                found = compared.by_query()
            for mode in self.modes:
                if mode.endswith(" reranked"):
                    base = told[mode.removesuffix(" reranked")]
                    vectors, words, met, relied = (embeddings, queries), late, found, reliance
                    if mode == WITHOUT_MEMORY:
                        vectors = tuple(F.pad(v[:, :d], (0, v.shape[1] - d)) for v in vectors)
                        words, met, relied = told["late interaction"], found[:, [0, 0]], np.zeros_like(reliance)
                    told[mode] = self._rerank(base, words, met, relied, vectors[0], latents[0], vectors[1], *asked)
        return {mode: told[mode] for mode in self.modes}

    def _with_late(self, scores: np.ndarray, late: np.ndarray, share: np.ndarray) -> np.ndarray:
        """The top candidates of each query in order of z-scores mixed with late interaction's; share [Q]: of its weight."""
        top = self._candidates(scores)
        first, more = (z_scores(np.take_along_axis(x, top, 1)) for x in (scores, late))
        return _on_top(scores, top, first + self.config.late_weight * share[:, None] * more)

    def _candidates(self, scores: np.ndarray) -> np.ndarray:
        """Steps of each query's best [Q, N], ascending; of equals the newest."""
        T = scores.shape[1]
        newest_first = np.argsort(-scores[:, ::-1], axis=1, kind="stable")[:, : self.config.rerank_candidates]
        return np.sort(T - 1 - newest_first, axis=1)

    def _rerank(
        self,
        scores: np.ndarray,
        late: np.ndarray,
        found: Tensor,
        reliance: np.ndarray,
        embeddings: Tensor,
        latents: Tensor,
        queries: Tensor,
        rows: Tensor,
        states: Tensor,
        padding: Tensor,
    ) -> np.ndarray:
        """The top candidates of each query in the reranker's order, the rest behind them in their own."""
        T, device = scores.shape[1], embeddings.device
        top = self._candidates(scores)
        index = torch.from_numpy(top).to(device)
        floor = self.config.rerank_floor
        trust = floor + (1 - floor) * torch.from_numpy(reliance).to(device)
        with self.texts.autocast(device):
            new = self.head.reranker(
                *(torch.from_numpy(z_scores(np.take_along_axis(x, top, 1))).float().to(device) for x in (scores, late)),
                found.to(device).take_along_dim(index[:, None, :, None], 2),
                embeddings[index],
                latents.mean(1)[index],
                index,
                queries,
                trust,
                torch.full((len(queries),), T, device=device),
                rows,
                states,
                padding,
            )
        return _on_top(scores, top, new.float().cpu().numpy())


def _on_top(scores: np.ndarray, top: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Candidates [Q, N] by their new scores, all others behind them in their own order."""
    out = scores.astype(np.float64) - scores.max(1, keepdims=True) - 1e3  # f32 would lose what tells the rest apart
    np.put_along_axis(out, top, new.astype(out.dtype), 1)
    return out
