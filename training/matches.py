"""How well the parts of a question are met by each candidate: its topic, whom it names, its value, each apart."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from config import Config
from late_interaction import READ_BY

MATCHED = 8  # parts of a question
SCALE = 4.0  # of what tokens find, which differs little


class Matches(nn.Module):
    """Late interaction's maxima by parts of the question, where its score is one sum over all tokens.

    A part is a learned attention over the question's tokens; what it finds in a candidate is the mean of what they do.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.d)
        self.attention = nn.Linear(config.d, MATCHED)
        self.output = nn.Linear(2 * len(READ_BY) * MATCHED, config.rerank_width)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, states: Tensor, token_hidden: Tensor, found: Tensor, hidden: Tensor) -> Tensor:
        """states [Q, n, d] of the middle layer, token_hidden [Q, n] padding; found [Q, 2, N, n] in candidates, hidden [Q, N].

        -> what to add to candidates [Q, N, width]: what each part finds, and how far that is behind the best.
        """
        logits = self.attention(self.norm(states)).float().masked_fill(token_hidden[..., None], -1e4)
        met = found.float() @ logits.softmax(1)[:, None]
        behind = met - met.masked_fill(hidden[:, None, :, None], -1e4).amax(2, keepdim=True)
        told = torch.cat([met, behind.clamp(min=-2)], -1)
        return self.output(SCALE * told.transpose(1, 2).flatten(2))
