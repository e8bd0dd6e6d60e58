"""What the head is trained on: retrieval, the query's restraint, the reranker, the memory loss."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from batch import Batch
from encoding import Reader
from lexical import LexicalIndex, fuse
from losses import info_nce, listwise
from memory_loss import MAX_ANSWER, MAX_QUESTION, AnswerDecoder
from model import QUERY, Pushed

TEMPERATURE = 0.05
RESTRAINT = {"natural": 0.15, "templated": 0.02}  # on the squared length of a query's memory parts
RERANK_WEIGHT, MEMORY_WEIGHT = 0.5, 0.1
LEXICAL_WEIGHT = 0.35


class HeadLosses(nn.Module):
    """Head and answer decoder; calling it gives the loss of a batch and what to log.

    The encoder is not a parameter of it: it stays frozen.
    """

    def __init__(self, reader: Reader, autocast: Callable) -> None:
        super().__init__()
        self.head = reader.model.head
        words = reader.model.encoder.get_input_embeddings().weight
        self.decoder = AnswerDecoder(reader.config, words)
        self.reader = [reader]  # in a list, so that its encoder does not register here
        self.autocast = autocast

    def forward(self, batch: Batch, progress: float) -> tuple[Tensor, dict[str, float]]:
        reader = self.reader[0]
        head, device = self.head, reader.device
        B, T = batch.shape
        with self.autocast(device):
            static, rows = reader.read(batch.segments + [q.text for q in batch.queries])
            count = len(batch.segments)
            statics = batch.pad(static[:count])
            latents = head.read_memory(batch.pad(rows[:count]))
            pushed = head.push(latents, statics)
            embeddings = head.embed_sequence(statics, pushed)
            queries, steps = self._queries(batch, static[count:], pushed)
        embeddings, queries = embeddings.float().reshape(B * T, -1), queries.float()
        positive, valid = batch.positive.to(device), batch.valid.reshape(1, -1).to(device)
        scores = queries @ embeddings.T
        retrieval = info_nce(scores, positive, valid.expand_as(positive), TEMPERATURE)
        d = reader.config.d
        excess = queries[:, d:].square().sum(-1)
        restraint = torch.where(
            batch.templated.to(device), RESTRAINT["templated"], RESTRAINT["natural"]
        ) * excess
        rerank, reranked = self._rerank(batch, scores, embeddings, latents, queries, rows[count:], steps)
        memory = self._memory(batch, latents)
        loss = retrieval.mean() + restraint.mean() + RERANK_WEIGHT * rerank + MEMORY_WEIGHT * memory
        told = {
            "loss": loss.item(),
            "retrieval": retrieval.mean().item(),
            "rerank": rerank.item(),
            "memory": memory.item(),
            "excess": excess.mean().item(),
        }
        own = batch.own.to(device)
        p = queries[:, :d] @ embeddings[:, :d].T
        for kind, mask in (("natural", ~batch.templated), ("templated", batch.templated)):
            if mask.any():
                told[f"{kind} evolved"] = top1(scores, positive, own)[mask].mean().item()
                told[f"{kind} static"] = top1(p, positive, own)[mask].mean().item()
                told[f"{kind} reranked"] = reranked[mask].mean().item()
        return loss, told

    def _queries(self, batch: Batch, static: Tensor, pushed: Pushed) -> tuple[Tensor, Tensor]:
        """Vectors of the queries [Q, 2 d + m], asked after the last segment of their sequence, and those steps."""
        padded, places = batch.by_sequence(static)
        length = batch.valid.sum(1).to(static.device)
        steps = length[:, None].expand(padded.shape[:2])
        vectors = self.head.embed(padded, QUERY, steps, pushed)
        return vectors.reshape(-1, vectors.shape[-1])[places], batch.length.to(static.device)

    def _rerank(self, batch, scores, embeddings, latents, queries, rows, steps) -> tuple[Tensor, Tensor]:
        """Listwise loss over each query's own top candidates, and whether the best of them is right [Q]."""
        config, (B, T) = self.reader[0].config, batch.shape
        device = scores.device
        own, positive = batch.own.to(device), batch.positive.to(device)
        first = first_stage(batch, scores.detach().cpu()).to(device)
        N = min(config.rerank_candidates, int(own.sum(1).max()))
        # Positives are always candidates in training, so that every query teaches.
        order = first.masked_fill(positive, 1e4).masked_fill(~own, -1e4).topk(N, 1).indices.sort(1).values
        hidden = ~own.gather(1, order)
        score = z_visible(first.gather(1, order), hidden)
        with self.autocast(device):
            mean_latents = latents.detach().mean(2).reshape(B * T, -1)
            reranked = self.head.reranker(
                score,
                embeddings.detach()[order],
                mean_latents[order],
                order % T,
                queries.detach(),
                steps,
                rows.detach(),
                hidden,
            ).float()
        right = positive.gather(1, order)
        return listwise(reranked, right, hidden).mean(), top1(reranked, right, ~hidden)

    def _memory(self, batch: Batch, latents: Tensor) -> Tensor:
        """The answers' cross-entropy given the queue after the last segment alone."""
        reader = self.reader[0]
        capacity, length = reader.config.capacity, batch.length
        B, T = batch.shape
        chosen = [
            i
            for i, query in enumerate(batch.queries)
            if query.answer and min(query.evidence) >= length[i] - capacity
        ]
        if not chosen:
            return latents.new_zeros(())
        question = tokens(reader.tokenizer, [batch.queries[i].text for i in chosen], MAX_QUESTION, "left")
        answer = tokens(reader.tokenizer, [batch.queries[i].answer for i in chosen], MAX_ANSWER, "right")
        slot = length[chosen][:, None] - capacity + torch.arange(capacity)
        empty = (slot < 0).repeat_interleave(reader.config.memory_queries, 1)
        queue = latents[batch.sequence[chosen][:, None], slot.clamp(min=0)].flatten(1, 2)
        device = latents.device
        with self.autocast(device):
            return self.decoder(question.to(device), answer.to(device), queue, empty.to(device)).float()


def first_stage(batch: Batch, scores: Tensor) -> Tensor:
    """What the reranker gets first scores from: fused with BM25 for every second query, else evolved alone."""
    B, T = batch.shape
    valid = batch.valid
    starts = [0, *valid.sum(1).cumsum(0).tolist()]
    indices: dict[int, LexicalIndex] = {}
    first = scores.clone()
    for i, query in enumerate(batch.queries):
        if i % 2:
            continue
        b = int(batch.sequence[i])
        if b not in indices:
            indices[b] = LexicalIndex(batch.segments[starts[b] : starts[b + 1]])
        n = starts[b + 1] - starts[b]
        dense = scores[i, b * T : b * T + n].numpy()
        first[i, b * T : b * T + n] = torch.from_numpy(fuse(dense, indices[b].scores(query.text), LEXICAL_WEIGHT))
    return first


def z_visible(x: Tensor, hidden: Tensor) -> Tensor:
    """z-scores over what is not hidden, rows of [Q, N]."""
    count = (~hidden).sum(1, keepdim=True)
    mean = x.masked_fill(hidden, 0).sum(1, keepdim=True) / count
    centred = (x - mean).masked_fill(hidden, 0)
    return centred / (centred.square().sum(1, keepdim=True) / count).sqrt().clamp(min=1e-6)


def top1(scores: Tensor, positive: Tensor, among: Tensor) -> Tensor:
    """Whether the best of `among` is positive, [Q]."""
    best = scores.masked_fill(~among, -1e9).argmax(1, keepdim=True)
    return positive.gather(1, best).float().squeeze(1)


def tokens(tokenizer, texts: list[str], most: int, pad: str) -> Tensor:
    """Token ids without special tokens, [n, longest], zeros as padding on the side named."""
    rows = [ids[:most] for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    width = max(1, *(len(r) for r in rows))
    out = torch.zeros(len(rows), width, dtype=torch.long)
    for i, ids in enumerate(rows):
        if pad == "left":
            out[i, width - len(ids) :] = torch.tensor(ids)
        else:
            out[i, : len(ids)] = torch.tensor(ids)
    return out
