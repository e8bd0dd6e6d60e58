"""The memory loss: a small decoder, used in training only, must tell the answer from the latents alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config

MAX_QUESTION, MAX_ANSWER = 24, 12


class AnswerDecoder(nn.Module):
    """Reads the question and the answer so far (causal), attends to the queue, predicts the next token.

    Word embeddings are the encoder's, frozen, in and out.
    """

    def __init__(self, config: Config, words: Tensor) -> None:
        super().__init__()
        d = config.d
        self.register_buffer("words", words.detach().clone(), persistent=False)
        self.embed = nn.Linear(d, d)
        self.position = nn.Parameter(torch.randn(MAX_QUESTION + MAX_ANSWER, d) * 0.02)
        self.layer = nn.TransformerDecoderLayer(
            d, config.heads, 2 * d, dropout=0.0, batch_first=True, norm_first=True
        )
        self.norm = nn.LayerNorm(d)
        self.output = nn.Linear(d, d)

    def forward(self, question: Tensor, answer: Tensor, latents: Tensor, empty: Tensor) -> Tensor:
        """question [Q, a], answer [Q, b] token ids (0 is padding), latents [Q, M, d], empty [Q, M] -> losses [tokens].

        The cross-entropy of each of the answers' tokens.
        """
        ids = torch.cat([question, answer], 1)
        x = self.embed(self.words[ids]) + self.position[: ids.shape[1]]
        length = ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=ids.device).triu(1)
        x = self.layer(x, latents, tgt_mask=causal, memory_key_padding_mask=empty)
        first = question.shape[1] - 1
        told = self.output(self.norm(x[:, first:-1]))
        target = answer
        real = target != 0
        logits = told[real] @ self.words.T / self.words.shape[1] ** 0.5
        return F.cross_entropy(logits.float(), target[real], reduction="none")
