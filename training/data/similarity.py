"""Closeness by a static encoder, for verification beside word overlap."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch.nn.functional import normalize

from data.verification import Similarity
from encoding import load_encoder

CACHED = 50_000
MAX_TOKENS = 256


def static_similarity(encoder: str | None = None) -> Similarity:
    """Cosines of mean token states of a BERT-like encoder; the bundled MiniLM when None."""
    model, tokenizer = load_encoder(encoder)
    model.eval()

    @lru_cache(CACHED)
    @torch.no_grad()
    def vector(text: str) -> torch.Tensor:
        inputs = tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        return normalize(model(**inputs).last_hidden_state[0].mean(0), dim=0)

    def similarity(question: str, texts: Sequence[str]) -> list[float]:
        asked = vector(question)
        return [float(asked @ vector(text)) for text in texts]

    return similarity
