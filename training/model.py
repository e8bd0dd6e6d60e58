"""EvoEmbed in PyTorch: the reference that the ONNX graphs and the WGSL kernels match.

The arithmetic is written down in docs/architecture.md. Shapes in comments: B sequences (or segments),
T segments of a sequence, S slots of the key/value buffer, R rows, K memory queries, C capacity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from config import Config
from late_interaction import Late
from memory_loop import update_memory
from reranker import Reranker

SEGMENT, QUERY = 0, 1


def round_f16(x: Tensor) -> Tensor:
    """The nearest f16 value, as f32; the gradient passes straight through."""
    rounded = x.to(torch.float16).to(x.dtype)
    return x + (rounded - x).detach() if x.requires_grad else rounded


def mean(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of the token states [B, n, d] that mask [B, n] marks -> [B, d]."""
    weights = mask.to(states.dtype)
    return (states * weights[..., None]).sum(1) / weights.sum(1, keepdim=True)


def queue_attention(
    query: Tensor, key: Tensor, value: Tensor, age_bias: Tensor, steps: Tensor, base: Tensor | int
) -> Tensor:
    """The one attention of the head: rows over the memory queue as it stood at each row's step.

    query [B, R, d]; key, value [B, S, slots, d]; age_bias [heads, C + 1], its last column the null slot's
    logit; steps [B, R]: segments read before the row; base: step of buffer slot 0 (slots of negative step
    are empty). Returns [B, R, d].
    """
    B, R, d = query.shape
    S, slots = key.shape[1], key.shape[2]
    heads, capacity = age_bias.shape[0], age_bias.shape[1] - 1
    width = d // heads
    q = query.view(B, R, heads, width).transpose(1, 2)  # [B, heads, R, width]
    k = key.reshape(B, S * slots, heads, width).permute(0, 2, 3, 1)
    v = value.reshape(B, S * slots, heads, width).transpose(1, 2)
    slot_step = base + torch.arange(S, device=query.device)
    age = steps[:, :, None] - 1 - slot_step  # [B, R, S]
    visible = (age >= 0) & (age < capacity) & (slot_step >= 0)
    bias = age_bias[:, age.clamp(0, capacity - 1)].transpose(0, 1)  # [B, heads, R, S]
    bias = bias.masked_fill(~visible[:, None], -1e9)
    logits = (q @ k) / math.sqrt(width)
    logits = (logits.view(B, heads, R, S, slots) + bias[..., None]).reshape(B, heads, R, S * slots)
    null = age_bias[:, -1][None, :, None, None].expand(B, heads, R, 1)
    weights = torch.cat([logits, null], -1).float().softmax(-1)[..., :-1].to(v.dtype)
    return (weights @ v).transpose(1, 2).reshape(B, R, d)


class Attention(nn.Module):
    """Projections and age bias of one block's queue attention; `key_value` gives keys, then values."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d = config.d
        self.norm = nn.LayerNorm(d)
        self.query = nn.Linear(d, d)
        self.key_value = nn.Linear(d, 2 * d)
        self.output = nn.Linear(d, d)
        age = torch.zeros(config.heads, config.capacity + 1)
        # Heads start from looking mostly at the newest segments to looking at all alike.
        slopes = torch.logspace(-0.3, -2.3, config.heads)
        age[:, :-1] = -slopes[:, None] * torch.arange(config.capacity)
        self.age = nn.Parameter(age)

    def keys_values(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """latents [..., K, d] -> keys, values [..., K, d]; computed once, when a latent is pushed."""
        keys, values = self.key_value(latents).chunk(2, -1)
        return keys, values


class FeedForward(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.up(self.norm(x))))


class Block(nn.Module):
    """Queue attention, then a feed-forward; pre-norm, residual."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.feedforward = FeedForward(config.d)

    def forward(self, x: Tensor, key: Tensor, value: Tensor, steps: Tensor, base: Tensor | int) -> Tensor:
        """x [B, R, d]; key, value [B, S, K, d]; steps [B, R] -> [B, R, d]."""
        a = self.attention
        return self.finish(x, queue_attention(a.query(a.norm(x)), key, value, a.age, steps, base))

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """What follows the queue attention of rows x; both [..., d] -> [..., d]."""
        x = x + self.attention.output(attended)
        return x + self.feedforward(x)


class Pool(nn.Module):
    """Reads one segment: its mean, and K memory rows, each a softmax-weighted sum of the token states."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        K, d = config.memory_queries, config.d
        self.query = nn.Parameter(torch.randn(K, d) * 0.1)
        self.position = nn.Parameter(torch.randn(K, d) * 0.5)
        self.norm = nn.LayerNorm(d)
        self.project = nn.Linear(d, d)

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """states [B, n, d], mask [B, n] -> static [B, d] (unnormalised), rows [B, K, d]."""
        static = mean(states, mask)
        logits = (states @ self.query.T).masked_fill(mask[..., None] == 0, -1e9)  # [B, n, K]
        summaries = logits.float().softmax(1).to(states.dtype).transpose(1, 2) @ states
        return static, round_f16(self.project(self.norm(summaries)) + self.position)


class Update(Block):
    """One step a segment: its memory rows [.., K, d], having read the queue, become its latents."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.norm = nn.LayerNorm(config.d)

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        return round_f16(self.norm(super().finish(x, attended)))


class Represent(nn.Module):
    """Where a segment or query starts from: its static vector, its role, its place in the order."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.d)
        self.role = nn.Parameter(torch.randn(2, config.d) * 0.1)
        self.order = nn.Linear(5, config.d, bias=False)
        self.output_norm = nn.LayerNorm(config.d)

    def forward(self, static: Tensor, role: Tensor, steps: Tensor) -> Tensor:
        """static [..., d], role and steps [...] -> [..., d]."""
        t = steps.to(static.dtype)
        features = torch.stack([t / (t + c) for c in (2, 8, 32, 128)] + [torch.log1p(t) / 10], -1)
        return self.norm(static) + self.role[role] + self.order(features)


class Context(nn.Module):
    """Whose static vectors a segment takes in: one head over the queue, values are static embeddings."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.query = nn.Linear(config.d, config.d, bias=False)
        self.key = nn.Linear(config.d, config.d, bias=False)
        if not config.identity_path:
            self.value = nn.Linear(config.d, config.d)
        nn.init.zeros_(self.query.weight)
        age = -0.7 * torch.arange(config.capacity + 1).float()
        age[-1] = -1.0
        self.age = nn.Parameter(age[None])


class Pushed:
    """What is kept of pushed segments for those who read them later; B sequences, S segments."""

    def __init__(self, key: list[Tensor], value: list[Tensor], context_key: Tensor, static: Tensor) -> None:
        self.key = key  # a retriever block each: [B, S, K, d]
        self.value = value
        self.context_key = context_key  # [B, S, d]
        self.static = static  # p, the context's values, [B, S, d]

    def map(self, function: Callable[[Tensor], Tensor]) -> Pushed:
        keys, values = [function(k) for k in self.key], [function(v) for v in self.value]
        return Pushed(keys, values, function(self.context_key), function(self.static))

    def window(self, first: int, stop: int) -> Pushed:
        return self.map(lambda x: x[:, first:stop])


class Head(nn.Module):
    """All learned parts besides the encoder."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        d, m = config.d, config.clock
        self.config = config
        self.pool = Pool(config)
        self.update = Update(config)
        self.retriever = nn.ModuleList([Block(config), Block(config)])
        self.represent = Represent(config)
        self.context = Context(config)
        self.segment = nn.ModuleDict({"output": nn.Linear(d, 1 + m)})
        self.query = nn.ModuleDict({"output": nn.Linear(d, 1 + d + m)})
        self.late = Late(config)
        self.reranker = Reranker(config)
        with torch.no_grad():
            self.segment.output.weight[0].zero_()
            self.segment.output.bias[0] = -1.0
            self.query.output.weight.zero_()
            self.query.output.bias.zero_()
            self.query.output.bias[0] = 0.5

    def read_memory(self, rows: Tensor) -> Tensor:
        """rows [B, T, K, d] of sequences of one length -> latents [B, T, K, d]: the sequential part."""
        B, T = rows.shape[:2]
        return update_memory(self.update, rows.flatten(0, 1), torch.full((B,), T)).view_as(rows)

    def push(self, latents: Tensor, static: Tensor) -> Pushed:
        """latents [.., K, d], static [.., d] (unnormalised) -> what later readers need."""
        pairs = [block.attention.keys_values(latents) for block in self.retriever]
        mean_latents = latents.mean(-2)
        return Pushed(
            [k for k, _ in pairs],
            [v for _, v in pairs],
            self.context.key(mean_latents),
            F.normalize(static if self.config.identity_path else self.context.value(mean_latents), dim=-1),
        )

    def embed(self, static: Tensor, role: int, steps: Tensor, pushed: Pushed, base: Tensor | int = 0) -> Tensor:
        """static [B, R, d] of segments (or queries), steps [B, R] -> embeddings [B, R, 2 d + m]."""
        roles = torch.full(steps.shape, role, device=steps.device, dtype=torch.long)
        z, context = self.state(static, roles, steps, pushed, base)
        return self.segment_vector(static, z, context) if role == SEGMENT else self.query_vector(static, z)

    def rely(self, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Queries as embedded [..., 2 d + m] -> as they search, and how much each relies on the memory, 0..1 [...].

        A query whose memory parts are short asks for content, and they would only add noise to its static part: they
        are multiplied by its reliance. The engine computes the same (src/reliance.ts).
        """
        c = self.config
        p, memory = queries.split([c.d, c.d + c.clock], -1)
        strength = memory.square().sum(-1)
        reliance = (c.reliance_steepness * (strength.clamp(min=1e-9) / c.reliance_threshold).log()).sigmoid()
        return torch.cat([p, reliance[..., None] * memory], -1), reliance

    def embed_sequence(
        self, static: Tensor, pushed: Pushed, lengths: Tensor | None = None, chunk: int = 64
    ) -> Tensor:
        """All segments of sequences from their start, static [B, T, d] -> [B, T, 2 d + m], a chunk at a time.

        lengths [B] of the sequences, T by default: a chunk is computed for those that reach it, else left 0.
        """
        B, T, _ = static.shape
        parts = []
        for start in range(0, T, chunk):
            stop, first = min(start + chunk, T), max(0, start - self.config.capacity)
            part, window = static[:, start:stop], pushed.window(first, stop)
            alive = None if lengths is None else (lengths > start).nonzero().squeeze(1)
            if alive is not None and len(alive) < B:
                part, window = part[alive], window.map(lambda x, alive=alive: x[alive])
            steps = torch.arange(start, stop, device=static.device).expand(len(part), -1)
            vectors = self.embed(part, SEGMENT, steps, window, first)
            if len(part) < B:
                vectors = vectors.new_zeros(B, *vectors.shape[1:]).index_copy(0, alive, vectors)
            parts.append(vectors)
        return torch.cat(parts, 1)

    def state(
        self, static: Tensor, roles: Tensor, steps: Tensor, pushed: Pushed, base: Tensor | int
    ) -> tuple[Tensor, Tensor]:
        """z [B, R, d] and the context [B, R, d] of rows."""
        r = self.represent(static, roles, steps)
        for block, key, value in zip(self.retriever, pushed.key, pushed.value, strict=True):
            r = block(r, key, value, steps, base)
        z = self.represent.output_norm(r)
        keys, statics = pushed.context_key[:, :, None], pushed.static[:, :, None]
        return z, queue_attention(self.context.query(z), keys, statics, self.context.age, steps, base)

    def segment_vector(self, static: Tensor, z: Tensor, context: Tensor) -> Tensor:
        gate, clock = self.segment.output(z).split([1, self.config.clock], -1)
        parts = [F.normalize(static, dim=-1), gate.sigmoid() * context, F.normalize(clock, dim=-1)]
        return torch.cat(parts, -1)

    def query_vector(self, static: Tensor, z: Tensor) -> Tensor:
        p = F.normalize(static, dim=-1)
        gain, shift, clock = self.query.output(z).split([1, self.config.d, self.config.clock], -1)
        return torch.cat([p, gain * p + shift, clock], -1)


class EvoEmbed(nn.Module):
    """Base encoder and head."""

    def __init__(self, encoder: nn.Module, config: Config) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = Head(config)
        self.config = config

    def configure(self, **changes: float) -> None:
        """Changes numbers of the config that no weight's shape depends on."""
        self.config = self.head.config = replace(self.config, **changes)

    def token_states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask [B, n] -> last hidden states [B, n, d]."""
        return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state

    def middle_states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask [B, n] -> states [B, n, d] of the middle layer, which tell best what a question asks for.

        No later layer runs.
        """
        with only_layers(self.encoder, self.encoder.encoder.layer[: middle_layer(self.encoder)]):
            return self.token_states(ids, mask)


def middle_layer(encoder: nn.Module) -> int:
    """How many of the encoder's layers `middle_states` passes."""
    return encoder.config.num_hidden_layers // 2


@contextmanager
def only_layers(encoder: nn.Module, layers: nn.ModuleList) -> Iterator[None]:
    """Within it the encoder passes these layers in place of its own."""
    own = encoder.encoder.layer
    encoder.encoder.layer = layers
    try:
        yield
    finally:
        encoder.encoder.layer = own
