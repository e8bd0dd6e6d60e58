"""The base encoder as an ONNX graph: a BERT with 8-bit weights by rows, computed in f32.

Built node by node from the PyTorch weights, so that the graph holds what it needs and nothing else;
`export.py` checks it against PyTorch. Dequantised weights are Cast and Mul of constants, which ONNX Runtime
folds into f32 once, at load. The word table is the exception: its rows are gathered first, so that it stays
8-bit in memory.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertLayer

from quantise import quantise_rows

OPSET, IR_VERSION = 20, 10
MASKED = -1e9


class Graph:
    """Collects nodes and initialisers; a tensor is its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, value: Tensor) -> str:
        return self.constant(name, value.detach().float().numpy())

    def codes(self, name: str, weight: Tensor, *, transpose: bool = False) -> tuple[str, str]:
        """The names of a weight's 8-bit codes and of its scales, quantised by rows."""
        codes, scales = quantise_rows(weight)
        if transpose:
            codes, scales = codes.T, scales.T
        return self.constant(f"{name}.codes", codes.numpy()), self.constant(f"{name}.scales", scales.numpy())

    def linear(self, x: str, name: str, weight: Tensor, bias: Tensor) -> str:
        codes, scales = self.codes(f"{name}.weight", weight, transpose=True)
        matrix = self.add("Mul", self.add("Cast", codes, to=TensorProto.FLOAT), scales)
        return self.add("Add", self.add("MatMul", x, matrix), self.weight(f"{name}.bias", bias))

    def model(self, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        for node, output in zip(self.nodes[-len(outputs) :], outputs, strict=True):
            node.output[0] = output.name
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.initializers.values()))
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="evoembed"
        )
        onnx.checker.check_model(model)
        return model


def encoder_graph(encoder: BertModel) -> onnx.ModelProto:
    """input_ids, attention_mask, token_type_ids [B, n] int64 -> last_hidden_state [B, n, d].

    Raises ValueError on an encoder that is not a plain BERT.
    """
    config = encoder.config
    if config.model_type != "bert" or config.hidden_act != "gelu":
        given = f"{config.model_type} with {config.hidden_act}"
        raise ValueError(f"the encoder is a {given}; only bert with gelu is known here")
    g = Graph()
    x = _embed(g, encoder)
    bias = _attention_bias(g)
    for i, layer in enumerate(encoder.encoder.layer):
        x = _layer(g, f"encoder.layer.{i}", layer, x, bias, config.num_attention_heads)
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    states = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, ["batch", "length", config.hidden_size]
    )
    return g.model(ids, [states])


def _embed(g: Graph, encoder: BertModel) -> str:
    tables = encoder.embeddings
    codes, scales = g.codes("embeddings.word", tables.word_embeddings.weight)
    rows = g.add("Cast", g.add("Gather", codes, "input_ids"), to=TensorProto.FLOAT)
    words = g.add("Mul", rows, g.add("Gather", scales, "input_ids"))
    codes, scales = g.codes("embeddings.position", tables.position_embeddings.weight)
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
    q, k, v = (
        g.add("Reshape", g.linear(x, f"{name}.{part}", linear.weight, linear.bias), by_head)
        for part, linear in [("query", attention.query), ("key", attention.key), ("value", attention.value)]
    )
    q, v = (g.add("Transpose", part, perm=[0, 2, 1, 3]) for part in (q, v))
    k = g.add("Transpose", k, perm=[0, 2, 3, 1])
    scale = g.constant("attention_scale", np.float32((d // heads) ** -0.5))
    logits = g.add("Add", g.add("Mul", g.add("MatMul", q, k), scale), bias)
    read = g.add("Transpose", g.add("MatMul", g.add("Softmax", logits, axis=-1), v), perm=[0, 2, 1, 3])
    read = g.add("Reshape", read, g.constant("joined", np.array([0, 0, d])))
    read = g.linear(read, f"{name}.output", output.dense.weight, output.dense.bias)
    x = _norm(g, f"{name}.attention_norm", output.LayerNorm, g.add("Add", read, x))
    up, down = layer.intermediate.dense, layer.output.dense
    hidden = g.add("Gelu", g.linear(x, f"{name}.up", up.weight, up.bias))
    hidden = g.linear(hidden, f"{name}.down", down.weight, down.bias)
    return _norm(g, f"{name}.norm", layer.output.LayerNorm, g.add("Add", hidden, x))


def _norm(g: Graph, name: str, norm: nn.LayerNorm, x: str) -> str:
    weight, bias = g.weight(f"{name}.weight", norm.weight), g.weight(f"{name}.bias", norm.bias)
    return g.add("LayerNormalization", x, weight, bias, epsilon=norm.eps)
