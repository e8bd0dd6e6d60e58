"""Reads a model folder (export.py wrote it) back into PyTorch: the numbers that ship, computed in f32."""

from __future__ import annotations

import json
import re
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from config import Config
from model import EvoEmbed
from quantise import unpack_head
from rounding import GAIN, ZERO, set_grids_

FORMAT = 9
MIDDLE_SINCE, EXACT_SINCE, MATCHED_SINCE = 6, 8, 9
READ_OF_QUESTIONS = ("reranker.question.", "reranker.places.classifier.")
"""What reads a question's tokens from the middle layer, and before the format MIDDLE_SINCE from the last."""
WANTED = "reranker.places.wanted."
"""What was taught on soft counts before the format EXACT_SINCE, and is on likelihoods now."""
MATCHES = "reranker.matches."
"""What folders before the format MATCHED_SINCE lack."""
ENCODER, HEAD, MANIFEST = "onnx/model_quantized.onnx", "head.safetensors", "evo.json"

NAMES = {
    "embeddings.word": "embeddings.word_embeddings.weight",
    "embeddings.position": "embeddings.position_embeddings.weight",
    "embeddings.token_type": "embeddings.token_type_embeddings.weight",
    "embeddings.norm": "embeddings.LayerNorm",
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm": "output.LayerNorm",
}
"""From the graph's names (encoder_graph.py) to those of a BertModel; a layer's without their prefix."""


def is_model_folder(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def load_model_folder(folder: Path, *, grow: bool = False) -> tuple[EvoEmbed, PreTrainedTokenizerBase]:
    """The model of a folder with its tokenizer.

    grow: take an older folder, too, with what it lacks, or what no longer fits, not trained.
    Raises ValueError, naming the format or the weights, where the files do not hold this code's model.
    """
    manifest = json.loads((folder / MANIFEST).read_text())
    head = unpack_head(load_file(folder / HEAD))
    encoder = AutoModel.from_config(AutoConfig.from_pretrained(folder), add_pooling_layer=False)
    model = EvoEmbed(encoder, _config(manifest, head))
    weights, grids = encoder_weights(onnx.load(folder / ENCODER))
    set_grids_(model.encoder, grids)
    _load(model.encoder, weights, folder / ENCODER)
    if grow:
        head = _grown(head, model, manifest["format"])
    elif manifest["format"] < MATCHED_SINCE:
        raise ValueError(f"{folder} has format {manifest['format']}; train.py --from-model makes {FORMAT} of it")
    _load(model.head, head, folder / HEAD)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def taught_otherwise(format: int) -> tuple[str, ...]:
    """How the names of a head's weights begin that a folder of this format lacks, or was taught for other numbers than they get now."""
    since = {MATCHED_SINCE: (MATCHES,), EXACT_SINCE: (WANTED,), MIDDLE_SINCE: READ_OF_QUESTIONS}
    return tuple(name for first, names in since.items() if format < first for name in names)


def encoder_weights(graph: onnx.ModelProto) -> tuple[dict[str, Tensor], dict[str, tuple[Tensor, Tensor]]]:
    """The graph's constants as weights of a BertModel; gains and zeros of its linear layers, which older folders lack."""
    constants = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.graph.initializer}
    weights, grids = {}, {}
    for name, value in constants.items():
        kept, _, kind = name.rpartition(".")
        if kind == "codes":
            layer = re.fullmatch(r"(encoder\.layer\.\d+)\.(\w+)\.weight", kept)
            codes = value.float().T if layer else value.float()
            weight = codes * constants[f"{kept}.scales"].reshape(-1, 1)
            bert = _bert_name(kept)
            if layer and (grid := _grid(constants, layer[1], layer[2])):
                module = bert.removesuffix(".weight")
                grids[module] = grid
                weights |= {f"{module}.{GAIN}": grid[0], f"{module}.{ZERO}": grid[1]}
                weight = weight * grid[0]
            weights[bert] = weight
        elif (bert := _bert_name(name)) is not None:
            weights[bert] = value
    return weights, grids


def _grid(constants: dict[str, Tensor], layer: str, name: str) -> tuple[Tensor, Tensor] | None:
    read = f"{layer}.{'query' if name in ('key', 'value') else name}"  # these three read the same
    return (constants[f"{read}.{GAIN}"], constants[f"{read}.{ZERO}"].float()) if f"{read}.{GAIN}" in constants else None


def _bert_name(name: str) -> str | None:
    """None for a constant that is no weight."""
    layer = re.fullmatch(r"(encoder\.layer\.\d+)\.(\w+)\.(weight|bias)", name)
    if layer:
        return f"{layer[1]}.{NAMES[layer[2]]}.{layer[3]}"
    if name in NAMES:
        return NAMES[name]
    norm = re.fullmatch(r"(embeddings\.norm)\.(weight|bias)", name)
    return f"{NAMES[norm[1]]}.{norm[2]}" if norm else None


def _config(manifest: dict, head: dict[str, Tensor]) -> Config:
    """Sizes that evo.json states; those of the reranker from its weights."""
    blocks = {name.split(".")[2] for name in head if name.startswith("reranker.blocks.")}
    return Config(
        d=manifest["d"],
        memory_queries=manifest["K"],
        capacity=manifest["C"],
        heads=manifest["heads"],
        clock=manifest["m"],
        token_width=manifest.get("t", Config.token_width),
        late_weight=manifest.get("late", {}).get("weight", Config.late_weight),
        late_yields=manifest.get("late", {}).get("yields", Config.late_yields),
        max_tokens=manifest["maxTokens"],
        rerank_width=head["reranker.norm.weight"].shape[0],
        rerank_heads=head["reranker.blocks.0.order"].shape[1],
        rerank_layers=len(blocks),
        rerank_candidates=manifest["rerank"]["candidates"],
        rerank_floor=manifest["rerank"].get("floor", Config.rerank_floor),
        reliance_threshold=manifest["reliance"]["threshold"],
        reliance_steepness=manifest["reliance"]["steepness"],
    )


def _grown(head: dict[str, Tensor], model: EvoEmbed, format: int) -> dict[str, Tensor]:
    """A head from before late interaction, or of another reranker: with what it lacks not trained, without what no longer fits."""
    head = {name: weight for name, weight in head.items() if not name.startswith(taught_otherwise(format))}
    later = ("late.", "reranker.question.", "reranker.places.", MATCHES)
    own = model.head.state_dict()
    fresh = {name: weight for name, weight in own.items() if name.startswith(later)}
    had = {
        name: weight
        for name, weight in head.items()
        if not name.startswith(later) or (name in own and weight.shape == own[name].shape)
    }
    name = "reranker.features.weight"
    new = torch.zeros_like(own[name])
    new[:, : head[name].shape[1]] = head[name]
    return fresh | had | {name: new}


def _load(module: torch.nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    own = module.state_dict()
    wrong = [name for name in own | weights if name not in own or name not in weights or own[name].shape != weights[name].shape]
    if wrong:
        raise ValueError(f"{path} does not fit the model; train.py --from-model makes one that does: {', '.join(wrong[:5])}")
    module.load_state_dict(weights)
