"""ONNX against PyTorch: cases at odd shapes, and the golden conversation read by the graphs alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from encoder_graph import WEIGHTS as ENCODER_WEIGHTS
from encoding import own_tokens
from golden import GoldenTexts
from head_graphs import WEIGHTS, signatures
from late_interaction import READ_BY, late_scores
from model import QUERY, SEGMENT, EvoEmbed, Head
from rounding import unrounded

TOLERANCE = 1e-4
F16_STEP = 2**-10  # from one f16 value to the next, relative
GOLDEN_TOLERANCE = {"model": 1e-3, "model_quantized": 0.1}
"""By the encoder's graph, how far off a vector may be, as a share of its length.

Noise in the last bit of f32 makes an 8-bit code fall to the next now and then, which the layers above amplify.
"""


class ParityError(AssertionError):
    """A graph computes other numbers than PyTorch; the message names graph, case, tensor and difference."""


@dataclass(frozen=True)
class Case:
    """One call of a graph, with what PyTorch gives for it."""

    graph: str
    name: str
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """`<graph>/<case>/<input or output>`, integers as f32: as tests/fixtures keeps them."""
        for name, tensor in (self.inputs | self.outputs).items():
            yield (
                f"{self.graph}/{self.name}/{name}",
                tensor.float().clone(memory_format=torch.contiguous_format),
            )


class Graphs:
    """The graphs of a model folder in ONNX Runtime, on one thread. `files`: path in the folder -> bytes."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.sessions = {}
        for path, data in files.items():
            if path.endswith(".onnx"):
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = 1
                beside = {WEIGHTS: WEIGHTS, Path(ENCODER_WEIGHTS).name: ENCODER_WEIGHTS}
                held = [files[path] for path in beside.values()]
                options.add_external_initializers_from_files_in_memory(list(beside), held, [len(data) for data in held])
                name = path.removeprefix("onnx/").removesuffix(".onnx")
                self.sessions[name] = onnxruntime.InferenceSession(data, options)

    def run(self, graph: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        session = self.sessions[graph]
        outputs = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
        names = [output.name for output in session.get_outputs()]
        return {name: torch.from_numpy(np.array(value)) for name, value in zip(names, outputs, strict=True)}


@torch.no_grad()
def head_cases(head: Head, seed: int = 0) -> list[Case]:
    """Cases of every graph of the head, with random inputs and sizes that are not round."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random)

    c = head.config
    d, K, C = c.d, c.memory_queries, c.capacity
    modules = {name: (s.module(head), s) for name, s in signatures(head).items()}
    cases = []

    def add(graph: str, name: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        module, signature = modules[graph]
        found = module(*(inputs[name] for name in signature.inputs))
        found = found if isinstance(found, tuple) else (found,)
        outputs = dict(zip(signature.outputs, found, strict=True))
        cases.append(Case(graph, name, inputs, outputs))
        return outputs

    add("read", "one token", {"token_states": normal(1, 1, d), "attention_mask": torch.ones(1, 1).long()})
    padded = (torch.arange(7) < torch.tensor([[7], [1], [4]])).long()
    read = add("read", "padded", {"token_states": normal(3, 7, d), "attention_mask": padded})

    for name, count in {"empty queue": 0, "one segment": 1, "nearly full": C - 1, "full": C}.items():
        queue = {"keys": normal(C * K, d), "values": normal(C * K, d), "count": torch.tensor(count)}
        add("memory_update", name, {"rows": read["rows"][count % 3]} | queue)

    add("project", "one segment", {"latents": normal(1, K, d)})
    S = C + 4
    buffer = add("project", "buffer", {"latents": normal(S, K, d)})
    buffer = {name: buffer[name] for name in ("key0", "value0", "key1", "value1", "context_key")}
    buffer["context_value"] = torch.nn.functional.normalize(normal(S, d), dim=-1)

    def represent(name: str, roles: list[int], steps: list[int], base: int, slots: int) -> Tensor:
        rows = {"context_key": slots, "context_value": slots}
        held = {name: tensor[: rows.get(name, slots * K)] for name, tensor in buffer.items()}
        place = {"role": torch.tensor(roles), "step": torch.tensor(steps), "base": torch.tensor(base)}
        return add("represent", name, {"static": normal(len(roles), d) * 2} | place | held)["embedding"]

    represent("empty memory", [SEGMENT], [0], -1, 1)
    represent("from the start", [SEGMENT] * 3, [0, 1, 2], 0, 3)
    represent("half empty buffer", [SEGMENT, SEGMENT, QUERY], [1, 2, 3], -C, C + 3)
    wrapped = represent("wrap-around", [SEGMENT] * 4, list(range(C, S)), 0, S)
    represent("far along", [SEGMENT, QUERY], [1000 + C, 1001 + C], 1000, C + 1)
    asked = represent("time travel", [QUERY] * 5, [0, 1, 3, C, S], 0, S)

    for N in (1, 7, c.rerank_candidates):
        n = 2 + (N - 1) % 9
        inputs = {
            "score": _z_scores(normal(N)),
            "late": _z_scores(normal(N)),
            "found": normal(len(READ_BY), N, n) * (torch.arange(n) % (n - 1) > 0),
            "embedding": wrapped[torch.arange(N) % 4] + 0.1 * normal(N, c.embedding),
            "latent": normal(N, d),
            "step": torch.arange(N) * 3 + 2,
            "query": asked[N % 5],
            "trust": torch.tensor(N / 50),
            "query_step": torch.tensor(3 * N + 5),
            "query_rows": read["rows"][N % 3],
            "query_states": normal(n, d),
        }
        add("rerank", f"{N} candidates", inputs)
    return cases


def _z_scores(x: Tensor) -> Tensor:
    return (x - x.mean()) / x.std().clamp(min=1e-3) if len(x) > 1 else torch.zeros(1)


@torch.no_grad()
def encoder_cases(model: EvoEmbed, seed: int = 0) -> list[Case]:
    """One token, and three texts padded to the longest."""
    random = torch.Generator().manual_seed(seed)
    cases = []
    for name, lengths in {"one token": [1], "padded": [3, 9, 1]}.items():
        ids = torch.randint(model.encoder.config.vocab_size, (len(lengths), max(lengths)), generator=random)
        mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
        inputs = {"input_ids": ids * mask, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
        states = {"model_quantized": _states(model, ids * mask, mask)}
        with unrounded(model.encoder):
            states["model"] = _states(model, ids * mask, mask)
        cases += [Case(graph, name, inputs, outputs) for graph, outputs in states.items()]
    return cases


def _states(model: EvoEmbed, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    return {"last_hidden_state": model.token_states(ids, mask), "middle_hidden_state": model.middle_states(ids, mask)}


def check_cases(graphs: Graphs, cases: list[Case]) -> None:
    """Raises ParityError at the first tensor that is off by more than its tolerance."""
    for case in cases:
        found = graphs.run(case.graph, case.inputs)
        padding = case.inputs.get("attention_mask") if "last_hidden_state" in found else None
        for name, expected in case.outputs.items():
            if case.graph == "model_quantized":
                _require_close(f"{case.graph}, {case.name}: {name}", found[name], expected, case.graph, padding)
                continue
            difference = (found[name] - expected).abs()
            if padding is not None:  # states of padding are anything finite
                difference = difference * padding[..., None]
            allowed = torch.full_like(expected, TOLERANCE)
            if name in ("rows", "latents"):  # the last bit of f16 may fall either way
                allowed += F16_STEP * expected.abs()
            elif case.graph == "memory_update":  # of latents so rounded
                allowed += 2 * F16_STEP
            _require(f"{case.graph}, {case.name}: {name}", difference, allowed, found[name])


@torch.no_grad()
def check_golden(
    graphs: Graphs,
    encoder: str,
    model: EvoEmbed,
    tokenizer: PreTrainedTokenizerBase,
    texts: GoldenTexts,
    expected: dict[str, Tensor],
) -> None:
    """Reads the golden conversation with nothing but the graphs, as an engine does; raises ParityError.

    encoder: the name of the encoder's graph.
    """
    c = model.config
    K, C, T = c.memory_queries, c.capacity, len(texts.segments)
    readings = []
    for text in texts.segments + texts.queries:
        tokens = dict(tokenizer(text, return_tensors="pt", return_token_type_ids=True))
        states = graphs.run(encoder, tokens)
        mask = tokens["attention_mask"]
        readings.append(
            graphs.run("read", {"token_states": states["last_hidden_state"], "attention_mask": mask})
        )
    raw = [own_tokens(r["late"], torch.ones(r["late"].shape[:2], dtype=torch.long))[0] for r in readings]
    static = torch.cat([r["static"] for r in readings])
    rows = torch.cat([r["rows"] for r in readings])

    keys, values, latents = torch.zeros(C * K, c.d), torch.zeros(C * K, c.d), []
    for t in range(T):
        count = torch.tensor(min(t, C))
        pushed = graphs.run(
            "memory_update", {"rows": rows[t], "keys": keys, "values": values, "count": count}
        )
        keys, values = torch.cat([keys[K:], pushed["key"]]), torch.cat([values[K:], pushed["value"]])
        latents.append(pushed["latents"])
    latents = torch.stack(latents)

    buffer = graphs.run("project", {"latents": latents})
    buffer = {name: buffer[name] for name in ("key0", "value0", "key1", "value1", "context_key")}
    buffer["context_value"] = torch.nn.functional.normalize(static[:T], dim=-1)
    Q = len(texts.queries)
    place = {
        "role": torch.tensor([SEGMENT] * T + [QUERY] * Q),
        "step": torch.tensor([*range(T), *[T] * Q]),
        "base": torch.tensor(0),
    }
    embeddings = graphs.run("represent", {"static": static} | place | buffer)["embedding"]
    computed = {"segments": embeddings[:T], "queries": embeddings[T:], "latents": latents}
    computed["late"] = late_scores(raw[T:], raw[:T], torch.arange(T))
    for name, found in computed.items():
        _require_close(f"golden {name}", found, expected[name], encoder)


def _require_close(
    what: str, found: Tensor, expected: Tensor, encoder: str, real: Tensor | None = None
) -> None:
    """Of vectors, the last axis; `real`: which count."""
    lengths = expected.norm(dim=-1)
    allowed = GOLDEN_TOLERANCE[encoder] * lengths
    difference = (found - expected).norm(dim=-1)
    _require(what, difference if real is None else difference * real, allowed, found)


def _require(what: str, difference: Tensor, allowed: Tensor, found: Tensor) -> None:
    if not bool(found.isfinite().all()):
        raise ParityError(f"{what} has values that are not finite")
    if bool((difference > allowed).any()):
        worst = (difference - allowed).argmax()
        at = np.unravel_index(int(worst), difference.shape)
        at = tuple(int(i) for i in at)
        raise ParityError(f"{what}{list(at)} is off by {difference[at]:.2e}, allowed is {allowed[at]:.2e}")
