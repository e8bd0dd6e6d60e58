"""Carries a trained head over to another encoder of the same width and tokenizer, as a start for further training.

    python carry_over.py --from-model ../models/evo-mini --run ../runs/larger --data ../runs/data

Both encoders read the same texts, so that their token states correspond one to one. A similarity (rotation, scale,
shift) that brings the new states to the old is folded into the head's weights; the pool's projection is fitted to the
memory rows themselves. Writes <run>/head.pt and <run>/rerank.pt, as the stages of these names would.
"""

from __future__ import annotations

import argparse
import copy
import random
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import batches
from checkpoint import autocast, load_model
from data.mixture import Mixture
from encoding import Reader
from model import EvoEmbed, Head, mean
from model_folder import load_model_folder
from stage import save

TEXTS = 6000
RIDGE = 1e-3  # of the mean square of what is fitted from


@dataclass(frozen=True)
class Similarity:
    """old ~ scale * rotation @ new + shift, fitted to rows [n, d] of both."""

    rotation: Tensor  # [d, d]
    scale: float
    shift: Tensor  # [d]

    @staticmethod
    def between(old: Tensor, new: Tensor) -> Similarity:
        """Least squares (orthogonal Procrustes with scale)."""
        around_old, around_new = old - old.mean(0), new - new.mean(0)
        u, s, v = torch.linalg.svd(around_old.T @ around_new)
        rotation = u @ v
        scale = float(s.sum() / around_new.square().sum())
        return Similarity(rotation, scale, old.mean(0) - scale * new.mean(0) @ rotation.T)

    def explained(self, old: Tensor, new: Tensor) -> float:
        """The share of old's variance that it accounts for."""
        rest = old - self.scale * new @ self.rotation.T - self.shift
        return 1 - float(rest.square().sum() / (old - old.mean(0)).square().sum())


@torch.no_grad()
def carry_over(head: Head, fit: Similarity, old: Tensor, new: Tensor) -> Head:
    """A copy of the head that computes with new states about what the head did with old ones.

    old, new: static vectors [n, d] of the same texts. The pool's projection is as it was: fit_projection follows.
    """
    R = fit.rotation
    carried = copy.deepcopy(head)
    deviation = old.std(1, correction=0).mean()
    ratio = fit.scale * new.std(1, correction=0).mean() / deviation
    carried.pool.query.copy_(fit.scale * head.pool.query @ R)

    start, given = carried.represent, head.represent
    start.norm.weight.fill_(given.norm.weight.mean() * ratio)
    start.norm.bias.copy_((given.norm.bias + given.norm.weight * fit.shift / deviation) @ R)
    start.role.copy_(given.role @ R)
    start.order.weight.copy_(R.T @ given.order.weight)
    for block in carried.retriever:
        _read(block.attention.norm, [block.attention.query], R)
        _write(block.attention.output, R)
        _read(block.feedforward.norm, [block.feedforward.up], R)
        _write(block.feedforward.down, R)
    query = carried.query.output
    _read(start.output_norm, [carried.context.query, carried.segment.output, query], R)
    d = head.config.d
    query.weight[1 : 1 + d] = R.T @ query.weight[1 : 1 + d]
    query.bias[1 : 1 + d] = R.T @ query.bias[1 : 1 + d]

    reranker = carried.reranker
    for i in (0, 1):  # the vector and the context
        reranker.candidate.weight[:, i * d : (i + 1) * d] @= R
        reranker.query.weight[:, i * d : (i + 1) * d] @= R
    reranker.candidate.weight[:, 3 * d :] = 0  # products by dimension have no counterpart
    return carried


def _read(norm: nn.LayerNorm, readers: list[nn.Linear], R: Tensor) -> None:
    """Linear layers behind a norm over the stream, which is rotated now. The norm's weights go into them."""
    middle = norm.weight.mean()
    shift = (norm.bias * middle / norm.weight) @ R
    for linear in readers:
        linear.weight.copy_((linear.weight * (norm.weight / middle)) @ R)
    norm.weight.fill_(middle)
    norm.bias.copy_(shift)


def _write(linear: nn.Linear, R: Tensor) -> None:
    """A linear layer that adds to the stream."""
    linear.weight.copy_(R.T @ linear.weight)
    linear.bias.copy_(linear.bias @ R)


@torch.no_grad()
def fit_projection(head: Head, summaries: Tensor, rows: Tensor) -> float:
    """The pool's projection that gives `rows` [n, K, d] from `summaries` [n, K, d]; returns the share explained."""
    pool = head.pool
    pool.norm.weight.fill_(1)
    pool.norm.bias.fill_(0)
    x = F.pad(pool.norm(summaries), (0, 1), value=1.0).flatten(0, 1).double()
    y = (rows - pool.position).flatten(0, 1).double()
    square = x.T @ x
    square.diagonal().add_(RIDGE * square.diagonal().mean())
    solved = torch.linalg.solve(square, x.T @ y)
    pool.project.weight.copy_(solved[:-1].T)
    pool.project.bias.copy_(solved[-1])
    return 1 - float((y - x @ solved).square().sum() / (y - y.mean(0)).square().sum())


@torch.no_grad()
def read_both(old: EvoEmbed, new: EvoEmbed, reader: Reader, texts: list[str]) -> tuple[Tensor, ...]:
    """Static vectors of both [n, d], and some token states of both [m, d]."""
    statics, tokens = ([], []), ([], [])
    for ids, mask, _ in reader.batches(texts):
        chosen = (torch.rand(mask.shape) < 0.1) & (mask > 0)
        for i, model in enumerate((old, new)):
            with autocast(ids.device):
                states = model.token_states(ids, mask).float()
            statics[i].append(mean(states, mask))
            tokens[i].append(states[chosen])
    return *(torch.cat(part) for part in statics), *(torch.cat(part) for part in tokens)


@torch.no_grad()
def summaries_and_rows(old: EvoEmbed, new: EvoEmbed, head: Head, reader: Reader, texts: list[str]) -> list[Tensor]:
    """What the carried pool sums up of new states, and the rows that the old pool made: both [n, K, d]."""
    parts: tuple[list[Tensor], list[Tensor]] = ([], [])
    for ids, mask, _ in reader.batches(texts):
        with autocast(ids.device):
            before, states = old.token_states(ids, mask).float(), new.token_states(ids, mask).float()
        logits = (states @ head.pool.query.T).masked_fill(mask[..., None] == 0, -1e9)
        parts[0].append(logits.softmax(1).transpose(1, 2) @ states)
        parts[1].append(old.head.pool(before, mask)[1])
    return [torch.cat(part) for part in parts]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from-model", type=Path, required=True, help="model folder whose head is carried over")
    parser.add_argument("--run", type=Path, required=True, help="folder with the new encoder, stage `static` done")
    parser.add_argument("--data", type=Path, required=True, help="folder that data.build made")
    args = parser.parse_args()
    torch.manual_seed(0)
    old, _ = load_model_folder(args.from_model)
    new, tokenizer = load_model(args.run, "static")
    reader = Reader(new, tokenizer)
    drawn = batches(Mixture.load(args.data, "train"), 0, TEXTS, 0.5, woven_share=0.5)(0)
    texts = sorted({*drawn.segments, *(query.text for query in drawn.queries)})
    random.Random(0).shuffle(texts)
    statics, new_statics, tokens, new_tokens = read_both(old, new, reader, texts)
    fit = Similarity.between(torch.cat([tokens, statics]), torch.cat([new_tokens, new_statics]))
    print(f"explained of token states {fit.explained(tokens, new_tokens):.3f}, static {fit.explained(statics, new_statics):.3f}")
    head = carry_over(old.head, fit, statics, new_statics)
    print(f"rows {fit_projection(head, *summaries_and_rows(old, new, head, reader, texts[: TEXTS // 2])):.3f}")
    weights = head.state_dict()
    save({f"head.{name}": weight for name, weight in weights.items()}, args.run / "head.pt")
    reranker = {name.removeprefix("reranker."): w for name, w in weights.items() if name.startswith("reranker.")}
    save(reranker, args.run / "rerank.pt")


if __name__ == "__main__":
    main()
