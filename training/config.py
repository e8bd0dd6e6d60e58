"""The model's sizes, in one place; `evo.json` carries them to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Config:
    """Sizes of the head. `d` is the encoder's width; an embedding has 2 d + m dimensions."""

    d: int = 384
    memory_queries: int = 8  # K
    capacity: int = 32  # C, in segments
    heads: int = 6
    clock: int = 128  # m
    token_width: int = 64  # t, of a token's vector in late interaction
    late_weight: float = 0.0  # of late interaction, times what a query does not rely on the memory; 0: not trained
    late_yields: float = 0.5  # the share of that weight given up by a query that relies on the memory altogether
    max_tokens: int = 256
    rerank_width: int = 256
    rerank_heads: int = 4
    rerank_layers: int = 3  # at least 2
    rerank_candidates: int = 48
    rerank_floor: float = 1.0  # counts of what the reranker adds, where a query neither relies nor asks by place
    reliance_threshold: float = 1.75  # squared length of a query's memory parts at which it relies on them by half
    reliance_steepness: float = 6.0
    identity_path: bool = True  # the context's values are static vectors; else made of the latents, and not exported

    @staticmethod
    def of(options: Mapping[str, object], d: int) -> Config:
        """The sizes among train.py's options, the rest by default."""
        return Config(d=d, **{f.name: options[f.name] for f in fields(Config) if f.name in options})

    @property
    def embedding(self) -> int:
        return 2 * self.d + self.clock
