"""From a trained model to a model folder (docs/architecture.md, "Model folder").

    python export.py --checkpoint ../runs/evo-mini --data ../runs/data --out ../models/evo-mini

Nothing is written unless the graphs compute what PyTorch does with the numbers that ship.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import subprocess
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from safetensors.torch import load, save
from transformers import PreTrainedTokenizerBase

import template
from calibrate import Calibration, calibrate, development_records, with_grids
from checkpoint import load_model
from encoder_graph import WEIGHTS as ENCODER_WEIGHTS
from encoder_graph import encoder_graphs, vector_part
from golden import CONVERSATION, GoldenTexts, golden_vectors
from head_graphs import WEIGHTS, head_graphs
from late_interaction import REACH
from lexical import LEXICAL_WEIGHT
from model import EvoEmbed
from model_folder import FORMAT, MANIFEST, is_model_folder
from parity import GOLDEN_TOLERANCE, Graphs, check_cases, check_golden, encoder_cases, head_cases
from quantise import pack_head, quantise_encoder_, unpack_head
from rounding import unrounded

ENCODERS = {"wasm": "onnx/model_quantized.onnx", "webgpu": "onnx/model.onnx"}
"""Products of 8-bit codes, and in f32: by the device they are for."""
GOLDEN = {device: f"golden.{device}.safetensors" for device in ENCODERS}
VECTOR_FILES = (ENCODER_WEIGHTS, "tokenizer.json")
"""What makes vectors, besides the encoder's graphs, the head and the template: the space is a hash over these."""
RERANKER = "reranker."
"""Of the head's weights those that only order what was found: a model with another reranker reads the same vectors."""


@dataclass(frozen=True)
class About:
    """What evo.json says besides sizes and hashes."""

    name: str
    version: str
    calibration: dict[str, Calibration]
    lexical_weight: float = LEXICAL_WEIGHT
    languages: list[str] = field(default_factory=lambda: ["en"])
    training: dict = field(default_factory=dict)


def as_shipped(model: EvoEmbed) -> EvoEmbed:
    """A copy with the numbers that ship: weight matrices in 8 bits by rows, the rest of the head in f16."""
    model = copy.deepcopy(model).float().cpu().eval()
    model.head.load_state_dict(unpack_head(pack_head(model.head)))
    quantise_encoder_(model.encoder)
    return model


def export(
    model: EvoEmbed,
    tokenizer: PreTrainedTokenizerBase,
    about: About,
    out: Path,
    texts: GoldenTexts = CONVERSATION,
) -> EvoEmbed:
    """Writes the model folder `out` and returns the model as shipped. Raises ParityError, writing nothing.

    Raises ValueError on a model without the identity path, which the engine does not compute, and on one whose
    encoder does not round (rounding.py).
    """
    if not model.config.identity_path:
        raise ValueError("a model trained with --no-identity-path cannot be exported: the engine knows no such context")
    shipped = as_shipped(model)
    files = build_files(model, shipped, tokenizer)
    graphs = Graphs(files)
    check_cases(graphs, encoder_cases(shipped) + head_cases(shipped.head))
    for device, encoder in ENCODERS.items():
        with unrounded(shipped.encoder) if device == "webgpu" else nullcontext():
            golden = golden_vectors(shipped, tokenizer, texts)
        check_golden(graphs, Path(encoder).stem, shipped, tokenizer, texts, golden)
        files[GOLDEN[device]] = save({name: tensor.contiguous() for name, tensor in golden.items()})
    manifest = describe(shipped, files, about, texts)
    for path, data in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(data)
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return shipped


def build_files(model: EvoEmbed, shipped: EvoEmbed, tokenizer: PreTrainedTokenizerBase) -> dict[str, bytes]:
    """Every file of the folder but the golden vectors and evo.json: path -> bytes."""
    head = save(pack_head(model.head))
    graphs = {f"onnx/{name}.onnx": graph for name, graph in head_graphs(shipped.head, head).items()}
    *encoders, weights = encoder_graphs(model.encoder)
    graphs |= zip(ENCODERS.values(), encoders, strict=True)
    return {
        "config.json": _json(encoder_config(model)),
        **tokenizer_files(tokenizer, model.config.max_tokens),
        **{path: graph.SerializeToString(deterministic=True) for path, graph in graphs.items()},
        ENCODER_WEIGHTS: weights,
        WEIGHTS: head,
    }


def encoder_config(model: EvoEmbed) -> dict:
    """config.json: the encoder's own, and which file transformers.js takes unless told otherwise."""
    config = model.encoder.config.to_diff_dict()
    for machine in ("_name_or_path", "transformers_version", "dtype"):
        config.pop(machine, None)
    config |= {"model_type": model.encoder.config.model_type, "architectures": ["BertModel"]}
    return config | {"transformers.js_config": {"dtype": "q8", "use_external_data_format": True}}


def tokenizer_files(tokenizer: PreTrainedTokenizerBase, max_tokens: int) -> dict[str, bytes]:
    """The tokenizer as it is, without the padding and truncation some checkpoints carry."""
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    rules |= {"truncation": None, "padding": None}
    specials = ("unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
    config = {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": bool((rules["normalizer"] or {}).get("lowercase")),
        "model_max_length": max_tokens,
        "clean_up_tokenization_spaces": True,
        **{name: getattr(tokenizer, name) for name in specials},
    }
    return {"tokenizer.json": _json(rules), "tokenizer_config.json": _json(config)}


def describe(model: EvoEmbed, files: dict[str, bytes], about: About, texts: GoldenTexts) -> dict:
    """evo.json."""
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    c = model.config
    return {
        "format": FORMAT,
        "name": about.name,
        "version": about.version,
        "d": c.d,
        "K": c.memory_queries,
        "C": c.capacity,
        "heads": c.heads,
        "m": c.clock,
        "t": c.token_width,
        "maxTokens": c.max_tokens,
        "layers": model.encoder.config.num_hidden_layers,
        "encoderDtype": "int8 by rows; wasm: of inputs in uint8",
        "rerank": {"candidates": c.rerank_candidates, "floor": c.rerank_floor},
        "template": template.as_json(),
        "fusion": {"lexicalWeight": about.lexical_weight},
        "late": {"weight": c.late_weight, "reach": REACH, "yields": c.late_yields},
        "reliance": {"threshold": c.reliance_threshold, "steepness": c.reliance_steepness},
        "calibration": {name: vars(found) for name, found in about.calibration.items()},
        "languages": about.languages,
        "files": {path: {"sha256": hashes[path], "bytes": len(files[path])} for path in sorted(files)},
        "space": space(files),
        "golden": {
            "segments": texts.segments,
            "queries": texts.queries,
            "devices": {
                device: {"vectors": path, "tolerance": GOLDEN_TOLERANCE[Path(ENCODERS[device]).stem]}
                for device, path in GOLDEN.items()
            },
        },
        "training": about.training,
    }


def space(files: dict[str, bytes]) -> str:
    """SHA-256 over a line each: hashes of what makes vectors, tensor by tensor of the head, and the template's patterns."""
    head = load(files[WEIGHTS])
    parts = [vector_part(files[path]) for path in ENCODERS.values()] + [files[path] for path in VECTOR_FILES]
    lines = [hashlib.sha256(part).hexdigest() for part in parts]
    for name in sorted(head):
        if not name.startswith(RERANKER):
            lines.append(f"{name} {hashlib.sha256(head[name].contiguous().numpy().tobytes()).hexdigest()}")
    lines += [json.dumps(pattern) for pattern in template.as_json().values()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def training_record(checkpoint: Path, data: Path, results: Path | None) -> dict:
    """What evo.json tells of how the model came about."""
    record = {"commit": current_commit(), "results": _figures(json.loads(results.read_text())) if results else None}
    if is_model_folder(checkpoint):
        before = json.loads((checkpoint / MANIFEST).read_text())
        return record | {"from": before["version"], "before": before["training"]}
    sheet = data / "datasheet.json"
    return record | {
        "run": json.loads((checkpoint / "config.json").read_text()),
        "data": json.loads(sheet.read_text()) if sheet.exists() else None,
    }


def current_commit() -> str:
    """Its full hash; empty outside of a repository."""
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()


def _figures(results: dict) -> dict:
    """What evaluate.py wrote, in short: set -> system -> metric -> mean over all queries."""
    return {
        name: {
            system: {metric: round(told[0], 4) for metric, told in figures.items() if metric != "types"}
            for system, figures in found["systems"].items()
        }
        for name, found in results["sets"].items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, required=True, help="folder that train.py wrote, or a model folder")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that data.build made, to calibrate on"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="evo-mini")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--stage", default="head", help="of the training; default `head`")
    parser.add_argument(
        "--lexical-weight", type=float, default=LEXICAL_WEIGHT, help="of the lexical score in hybrid mode"
    )
    parser.add_argument("--late-weight", type=float, help="of late interaction; default: the model's")
    parser.add_argument("--results", type=Path, help="what evaluate.py --json wrote, for the record")
    args = parser.parse_args()
    model, tokenizer = load_model(args.checkpoint, args.stage)
    with_grids(model, tokenizer, args.data)
    if args.late_weight is not None:
        model.configure(late_weight=args.late_weight)
    about = About(
        args.name,
        args.version,
        calibrate(as_shipped(model), tokenizer, development_records(args.data)),
        args.lexical_weight,
        training=training_record(args.checkpoint, args.data, args.results),
    )
    export(model, tokenizer, about, args.out)
    manifest = json.loads((args.out / MANIFEST).read_text())
    for path, file in manifest["files"].items():
        print(f"{file['bytes']:>10} {path}")
    print(f"space {manifest['space']}\n{manifest['calibration']}")


if __name__ == "__main__":
    main()
