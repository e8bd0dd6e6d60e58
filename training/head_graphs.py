"""The head as ONNX graphs, traced from the modules of model.py, without weights of their own.

Every weight of a graph is made, by nodes that ONNX Runtime folds at load, from tensors whose bytes lie in
head.safetensors (ONNX external data: location, offset, length). Signatures: docs/architecture.md.
"""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

import onnx
import onnxscript.optimizer
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn
from torch.export import Dim

from encoder_graph import IR_VERSION, OPSET
from late_interaction import READ_BY
from model import SEGMENT, Head, Pushed
from quantise import SCALES

WEIGHTS = "head.safetensors"
OWNER = "head."  # what every module below calls the head: the prefix of its weights in a trace
DTYPES = {"I8": TensorProto.INT8, "F16": TensorProto.FLOAT16}


class Read(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, token_states: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        return *self.head.pool(token_states, attention_mask), self.head.late(token_states)


class MemoryUpdate(nn.Module):
    """`keys` and `values` hold C segments, oldest first, the newest `count` of them real."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, rows: Tensor, keys: Tensor, values: Tensor, count: Tensor) -> tuple[Tensor, ...]:
        config = self.head.config
        C, K, d = config.capacity, config.memory_queries, config.d
        update = self.head.update
        steps = count.expand(1, K)
        key, value = keys.view(1, C, K, d), values.view(1, C, K, d)
        latents = update(rows[None], key, value, steps, count - C)[0]
        return latents, *update.attention.keys_values(latents)


class Project(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, latents: Tensor) -> tuple[Tensor, ...]:
        attentions = [block.attention for block in (self.head.update, *self.head.retriever)]
        pairs = [part.flatten(0, 1) for a in attentions for part in a.keys_values(latents)]
        return *pairs, self.head.context.key(latents.mean(1))


class Represent(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(
        self,
        static: Tensor,
        role: Tensor,
        step: Tensor,
        base: Tensor,
        key0: Tensor,
        value0: Tensor,
        key1: Tensor,
        value1: Tensor,
        context_key: Tensor,
        context_value: Tensor,
    ) -> Tensor:
        shape = (1, -1, self.head.config.memory_queries, self.head.config.d)
        keys, values = [key0.view(shape), key1.view(shape)], [value0.view(shape), value1.view(shape)]
        pushed = Pushed(keys, values, context_key[None], context_value[None])
        z, context = self.head.state(static[None], role[None], step[None], pushed, base)
        as_segment = self.head.segment_vector(static[None], z, context)
        as_query = self.head.query_vector(static[None], z)
        return torch.where((role == SEGMENT)[None, :, None], as_segment, as_query)[0]


class Rerank(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(
        self,
        score: Tensor,
        late: Tensor,
        found: Tensor,
        embedding: Tensor,
        latent: Tensor,
        step: Tensor,
        query: Tensor,
        trust: Tensor,
        query_step: Tensor,
        query_rows: Tensor,
        query_states: Tensor,
    ) -> Tensor:
        inputs = (score, late, found, embedding, latent, step, query, trust, query_step, query_rows, query_states)
        return self.head.reranker(*(tensor[None] for tensor in inputs))[0]


@dataclass(frozen=True)
class Signature:
    module: type[nn.Module]
    inputs: dict[str, Tensor]
    """Examples to trace with."""
    axes: dict[str, dict[int, object]]
    outputs: list[str]


def signatures(head: Head) -> dict[str, Signature]:
    """Graph name -> what it takes and gives."""
    c = head.config
    d, K, C = c.d, c.memory_queries, c.capacity
    batch, length, slots, candidates = (Dim(name) for name in ("batch", "length", "slots", "candidates"))
    B, n, S, N = 3, 5, 4, 7
    return {
        "read": Signature(
            Read,
            {"token_states": torch.randn(B, n, d), "attention_mask": torch.ones(B, n, dtype=torch.long)},
            {"token_states": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
            ["static", "rows", "late"],
        ),
        "memory_update": Signature(
            MemoryUpdate,
            {
                "rows": torch.randn(K, d),
                "keys": torch.randn(C * K, d),
                "values": torch.randn(C * K, d),
                "count": torch.tensor(2),
            },
            {"rows": {}, "keys": {}, "values": {}, "count": {}},
            ["latents", "key", "value"],
        ),
        "project": Signature(
            Project,
            {"latents": torch.randn(S, K, d)},
            {"latents": {0: slots}},
            ["update_key", "update_value", "key0", "value0", "key1", "value1", "context_key"],
        ),
        "represent": Signature(
            Represent,
            {
                "static": torch.randn(B, d),
                "role": torch.arange(B) % 2,
                "step": torch.arange(B),
                "base": torch.tensor(-1),
            }
            | {name: torch.randn(S * K, d) for name in ("key0", "value0", "key1", "value1")}
            | {name: torch.randn(S, d) for name in ("context_key", "context_value")},
            {"static": {0: batch}, "role": {0: batch}, "step": {0: batch}, "base": {}}
            | {name: {0: K * slots} for name in ("key0", "value0", "key1", "value1")}
            | {name: {0: slots} for name in ("context_key", "context_value")},
            ["embedding"],
        ),
        "rerank": Signature(
            Rerank,
            {
                "score": torch.randn(N),
                "late": torch.randn(N),
                "found": torch.rand(len(READ_BY), N, n),
                "embedding": torch.randn(N, c.embedding),
                "latent": torch.randn(N, d),
                "step": torch.arange(N),
                "query": torch.randn(c.embedding),
                "trust": torch.tensor(0.4),
                "query_step": torch.tensor(9),
                "query_rows": torch.randn(K, d),
                "query_states": torch.randn(n, d),
            },
            {"score": {0: candidates}, "late": {0: candidates}, "found": {1: candidates, 2: length}}
            | {name: {0: candidates} for name in ("embedding", "latent", "step")}
            | {"query": {}, "trust": {}, "query_step": {}, "query_rows": {}, "query_states": {0: length}},
            ["reranked"],
        ),
    }


def head_graphs(head: Head, weights: bytes) -> dict[str, onnx.ModelProto]:
    """Graph name -> model whose weights lie in `weights`, the bytes of head.safetensors."""
    stored = stored_tensors(weights)
    models = {}
    for name, signature in signatures(head).items():
        model = _optimise(_trace(signature, head), {OWNER + name for name in head.state_dict()})
        model.graph.name, model.ir_version, model.producer_name = name, IR_VERSION, "evoembed"
        onnx.checker.check_model(model)
        _use_external_weights(model.graph, stored)
        models[name] = model
    return models


def stored_tensors(safetensors: bytes) -> dict[str, TensorProto]:
    """Tensor name -> an initialiser that finds its data in the file."""
    size = int.from_bytes(safetensors[:8], "little")
    header = json.loads(safetensors[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensor = TensorProto(name=name, data_type=DTYPES[entry["dtype"]], dims=entry["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": WEIGHTS, "offset": 8 + size + start, "length": end - start}.items():
            tensor.external_data.add(key=key, value=str(value))
        tensors[name] = tensor
    return tensors


def _trace(signature: Signature, head: Head) -> onnx.ModelProto:
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            signature.module(head).eval(),
            tuple(signature.inputs.values()),
            dynamo=True,
            optimize=False,
            dynamic_shapes=list(signature.axes.values()),
            input_names=list(signature.inputs),
            output_names=signature.outputs,
            opset_version=OPSET,
        )
    return program.model_proto


def _optimise(model: onnx.ModelProto, names: set[str]) -> onnx.ModelProto:
    """Folds constants. The weights, of these names, stand as inputs meanwhile: none is folded, each keeps its name."""
    weights = [tensor for tensor in model.graph.initializer if tensor.name in names]
    constants = [tensor for tensor in model.graph.initializer if tensor.name not in names]
    del model.graph.initializer[:]
    model.graph.initializer.extend(constants)
    model.graph.input.extend(
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims) for tensor in weights
    )
    model = onnxscript.optimizer.optimize(model)
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    return model


def _use_external_weights(graph: onnx.GraphProto, stored: dict[str, TensorProto]) -> None:
    """Puts the nodes that make the weights (`unpack_head`) in the place of those among the inputs."""
    inputs = [info for info in graph.input if not info.name.startswith(OWNER)]
    weights = [info.name for info in graph.input if info.name.startswith(OWNER)]
    nodes = list(graph.node)
    making = []

    def add(op: str, *inputs: str, output: str, **attributes: int) -> str:
        making.append(helper.make_node(op, inputs, [output], name=f"{op.lower()} {output}", **attributes))
        return output

    def cast(tensor: str, to: int, output: str) -> str:
        return add("Cast", tensor, output=output, to=to)

    for weight in weights:
        name = weight.removeprefix(OWNER)
        scales = name + SCALES
        graph.initializer.append(stored[name])
        if scales in stored:
            graph.initializer.append(stored[scales])
            factors = [cast(tensor, TensorProto.FLOAT, f"{tensor}.f32") for tensor in (name, scales)]
            name = cast(add("Mul", *factors, output=f"{name}.product"), TensorProto.FLOAT16, f"{name}.f16")
        cast(name, TensorProto.FLOAT, weight)
    del graph.input[:], graph.node[:]
    graph.input.extend(inputs)
    graph.node.extend(making + nodes)


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints its progress and warns of what does not concern this model."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
