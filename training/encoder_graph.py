"""The base encoder as ONNX graphs: a BERT with 8-bit weights by rows, its products of 8-bit codes or in f32.

Built node by node from the PyTorch weights, so that a graph holds what it needs and nothing else; `export.py`
checks it against PyTorch. Both graphs take their constants from one file (ONNX external data). In f32, dequantised
weights are Cast and Mul of constants, which ONNX Runtime folds once, at load. The word table is the exception: its
rows are gathered first, so that it stays 8-bit in memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from model import middle_layer
from quantise import codes_of
from rounding import RoundingLinear, rounding_layers

WEIGHTS = "onnx/model_quantized.onnx_data"
OPSET, IR_VERSION = 20, 10
MASKED = -1e9
EXTERNAL_FROM = 128
"""Bytes of a constant from which on it lies in the file beside: shapes must be known without it."""
ALIGNMENT = 16


class Graph:
    """Collects nodes and initialisers; a tensor is its name."""

    def __init__(self, codes: dict[nn.Module, tuple[Tensor, Tensor]], rounds: bool) -> None:
        """codes: what ships of each module's weight. rounds: whether linear layers multiply 8-bit codes."""
        self.codes, self.rounds = codes, rounds
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def weight(self, name: str, value: Tensor) -> str:
        return self.constant(name, value.detach().float().numpy())

    def table(self, name: str, embedding: nn.Embedding) -> tuple[str, str]:
        """The names of its rows' codes and scales."""
        codes, scales = self.codes[embedding]
        return self.constant(f"{name}.codes", codes.numpy()), self.weight(f"{name}.scales", scales)

    def input(self, x: str, name: str, linear: RoundingLinear) -> str:
        """What linear layers with this one's grid read of x."""
        if not self.rounds:
            return x
        scaled = self.add("Mul", x, self.weight(f"{name}.gain", linear.gain))
        return self.add("QuantizeLinear", scaled, self.constant("unit", np.float32(1)), self._zero(name, linear))

    def linear(self, x: str, grid: str, name: str, linear: RoundingLinear) -> str:
        """x: an `input` made under the name `grid`."""
        codes, scales = self.codes[linear]
        codes = self.constant(f"{name}.weight.codes", codes.T.numpy())
        scales, bias = self.weight(f"{name}.weight.scales", scales[:, 0]), self.weight(f"{name}.bias", linear.bias)
        if self.rounds:
            return self.add(
                "MatMulIntegerToFloat", x, codes, "unit", scales, self._zero(grid, linear), "", bias, domain="com.microsoft"
            )
        gain = self.add("Unsqueeze", self.weight(f"{grid}.gain", linear.gain), self.constant("column", np.array([1])))
        matrix = self.add("Mul", self.add("Mul", self.add("Cast", codes, to=TensorProto.FLOAT), scales), gain)
        return self.add("Add", self.add("MatMul", x, matrix), bias)

    def _zero(self, grid: str, linear: RoundingLinear) -> str:
        return self.constant(f"{grid}.zero", linear.zero.to(torch.uint8).numpy())

    def model(self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        for node, output in zip(self.nodes[-len(outputs) :], outputs, strict=True):
            node.output[0] = output.name
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="evoembed")
        onnx.checker.check_model(model)
        return model


def encoder_graphs(encoder: BertModel) -> tuple[onnx.ModelProto, onnx.ModelProto, bytes]:
    """Graphs of 8-bit products and of products in f32, and the bytes of WEIGHTS, which holds their constants.

    input_ids, attention_mask, token_type_ids [B, n] int64 -> last_hidden_state and middle_hidden_state
    (`EvoEmbed.middle_states`) [B, n, d].
    Raises ValueError on an encoder that is not a plain BERT, has a single layer, or does not round (rounding.py).
    """
    config = encoder.config
    if config.model_type != "bert" or config.hidden_act != "gelu":
        given = f"{config.model_type} with {config.hidden_act}"
        raise ValueError(f"the encoder is a {given}; only bert with gelu is known here")
    if config.num_hidden_layers < 2:
        raise ValueError(f"the encoder has {config.num_hidden_layers} layer; it must have 2 at least, for one in the middle")
    if not rounding_layers(encoder):
        raise ValueError("the encoder's layers have no grid to round to: round_activations_ gives them one")
    codes = {module: codes_of(module) for module in encoder.modules() if isinstance(module, nn.Linear | nn.Embedding)}
    graphs = [_encoder_graph(encoder, Graph(codes, rounds)) for rounds in (True, False)]
    return *graphs, _use_external_constants(graphs, Path(WEIGHTS).name)


def vector_part(graph: bytes) -> bytes:
    """An encoder's graph as far as segments' and queries' vectors depend on it: without the middle states."""
    model = onnx.load_from_string(graph)
    *nodes, identity = model.graph.node
    middle = model.graph.output[1]
    if list(identity.output) != [middle.name]:
        raise ValueError(f"the graph does not end with {middle.name}")
    del model.graph.node[len(nodes) :], model.graph.output[1:]
    return model.SerializeToString()


def _use_external_constants(graphs: list[onnx.ModelProto], location: str) -> bytes:
    """Moves the graphs' constants to one file, those of a name once; its bytes."""
    data, places = bytearray(), {}
    for tensor in (tensor for graph in graphs for tensor in graph.graph.initializer):
        raw = tensor.raw_data
        if len(raw) < EXTERNAL_FROM:
            continue
        if tensor.name not in places:
            data.extend(bytes(-len(data) % ALIGNMENT))
            places[tensor.name] = len(data)
            data.extend(raw)
        offset = places[tensor.name]
        if data[offset : offset + len(raw)] != raw:
            raise ValueError(f"{tensor.name} is not the same in both graphs")
        onnx.external_data_helper.set_external_data(tensor, location, offset, len(raw))
        tensor.ClearField("raw_data")
    return bytes(data)


def _encoder_graph(encoder: BertModel, g: Graph) -> onnx.ModelProto:
    config = encoder.config
    x = _embed(g, encoder)
    bias = _attention_bias(g)
    for i, layer in enumerate(encoder.encoder.layer):
        x = _layer(g, f"encoder.layer.{i}", layer, x, bias, config.num_attention_heads)
        if i + 1 == middle_layer(encoder):
            middle = x
    g.add("Identity", middle)
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    states = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "length", config.hidden_size])
        for name in ("last_hidden_state", "middle_hidden_state")
    ]
    return g.model(ids, states)


def _embed(g: Graph, encoder: BertModel) -> str:
    tables = encoder.embeddings
    codes, scales = g.table("embeddings.word", tables.word_embeddings)
    rows = g.add("Cast", g.add("Gather", codes, "input_ids"), to=TensorProto.FLOAT)
    words = g.add("Mul", rows, g.add("Gather", scales, "input_ids"))
    codes, scales = g.table("embeddings.position", tables.position_embeddings)
    positions = g.add("Mul", g.add("Cast", codes, to=TensorProto.FLOAT), scales)
    zero, length = g.constant("zero", np.zeros(1, np.int64)), g.add("Shape", "input_ids", start=1, end=2)
    positions = g.add("Slice", positions, zero, length, zero)
    types = g.weight("embeddings.token_type", tables.token_type_embeddings.weight)
    types = g.add("Gather", types, "token_type_ids")
    return _norm(g, "embeddings.norm", tables.LayerNorm, g.add("Add", g.add("Add", words, types), positions))


def _attention_bias(g: Graph) -> str:
    """[B, 1, 1, n]: 0 towards tokens, MASKED towards padding."""
    mask = g.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    padding = g.add("Sub", g.constant("one", np.float32(1)), mask)
    bias = g.add("Mul", padding, g.constant("masked", np.float32(MASKED)))
    return g.add("Unsqueeze", bias, g.constant("head_and_row", np.array([1, 2])))


def _layer(g: Graph, name: str, layer: BertLayer, x: str, bias: str, heads: int) -> str:
    attention, output = layer.attention.self, layer.attention.output
    d = attention.query.out_features
    by_head = g.constant("by_head", np.array([0, 0, heads, d // heads]))
    own = g.input(x, f"{name}.query", attention.query)
    q, k, v = (
        g.add("Reshape", g.linear(own, f"{name}.query", f"{name}.{part}", linear), by_head)
        for part, linear in [("query", attention.query), ("key", attention.key), ("value", attention.value)]
    )
    q, v = (g.add("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
    k = g.add("Transpose", k, perm=[0, 2, 3, 1])
    scale = g.constant("attention_scale", np.float32((d // heads) ** -0.5))
    logits = g.add("Add", g.add("Mul", g.add("MatMul", q, k), scale), bias)
    read = g.add("Transpose", g.add("MatMul", g.add("Softmax", logits, axis=-1), v), perm=[0, 2, 1, 3])
    read = g.add("Reshape", read, g.constant("joined", np.array([0, 0, d])))
    read = _linear(g, read, f"{name}.output", output.dense)
    x = _norm(g, f"{name}.attention_norm", output.LayerNorm, g.add("Add", read, x))
    up, down = layer.intermediate.dense, layer.output.dense
    hidden = g.add("Gelu", _linear(g, x, f"{name}.up", up))
    hidden = _linear(g, hidden, f"{name}.down", down)
    return _norm(g, f"{name}.norm", layer.output.LayerNorm, g.add("Add", hidden, x))


def _linear(g: Graph, x: str, name: str, linear: RoundingLinear) -> str:
    return g.linear(g.input(x, name, linear), name, name, linear)


def _norm(g: Graph, name: str, norm: nn.LayerNorm, x: str) -> str:
    weight, bias = g.weight(f"{name}.weight", norm.weight), g.weight(f"{name}.bias", norm.bias)
    return g.add("LayerNormalization", x, weight, bias, epsilon=norm.eps)
