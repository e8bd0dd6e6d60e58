"""Closeness by a static encoder."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from data import similarity


def test_a_static_encoder_is_such_a_similarity(monkeypatch):
    torch.manual_seed(0)
    model = BertModel(BertConfig(vocab_size=256, hidden_size=16, num_hidden_layers=1, num_attention_heads=2))

    def tokenizer(text: str, **_: object) -> dict[str, torch.Tensor]:
        return {"input_ids": torch.tensor([list(text.encode())])}

    monkeypatch.setattr(similarity, "load_encoder", lambda name: (model, tokenizer))
    same, other = similarity.static_similarity()("sick", ["sick", "The mill was built of stone."])
    assert same == pytest.approx(1) and other < same
