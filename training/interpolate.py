"""A model folder between two that ship: what a later training forgot, an earlier model may still know.

    python interpolate.py --model ../models/evo-mini --earlier PATH/TO/EARLIER --head 0.5 --reliance-threshold 1.5 \
        --data ../runs/data --version 1.3.1 --out ../models/evo-mini

The model must have gone on from the earlier one with the same pool. What of its reranker the earlier folder's format
taught for other numbers (`model_folder.taught_otherwise`) stays the model's. Raises ValueError when the pools differ, or
the earlier folder's reranker lacks a part of the model's.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from calibrate import calibrate, development_records, with_grids
from export import About, as_shipped, current_commit, export
from model import EvoEmbed
from model_folder import HEAD, MANIFEST, load_model_folder, taught_otherwise
from quantise import unpack_head

KEPT = ("reranker.", "late.")
"""What of the head is moved by a share of its own."""
ASKED = ("question", "places")
"""What of the reranker may be: it reads what a question asks for."""


@torch.no_grad()
def move(module: nn.Module, towards: nn.Module, share: float, kept: tuple[str, ...] = ()) -> None:
    """Moves the weights of a module, but for those whose names begin with `kept`, by a share of the way to another's.

    Raises ValueError when the share is not from 0 to 1, or the modules have not the same weights.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share of the way is from 0 to 1, not {share}")
    own, other = (
        {name: weight for name, weight in of.named_parameters() if not name.startswith(kept)}
        for of in (module, towards)
    )
    shapes, wanted = ({name: tuple(weight.shape) for name, weight in of.items()} for of in (own, other))
    if shapes != wanted:
        raise ValueError(f"not the same weights: {sorted(shapes.items() ^ wanted.items())[:3]}")
    for name, weight in own.items():
        weight.lerp_(other[name], share)


def require_reranker(folder: Path, model: EvoEmbed) -> None:
    """Raises ValueError, naming the weights, when the folder's reranker lacks any of the model's that may be moved."""
    had = unpack_head(load_file(folder / HEAD))
    kept = taught_otherwise(read_manifest(folder)["format"])
    lacking = [
        name
        for name, own in model.head.reranker.named_parameters("reranker")
        if not name.startswith(kept) and (name not in had or had[name].shape != own.shape)
    ]
    if lacking:
        raise ValueError(f"the reranker of {folder} lacks {', '.join(lacking[:5])}")


def read_manifest(folder: Path) -> dict:
    return json.loads((folder / MANIFEST).read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--earlier", type=Path, required=True, help="model folder")
    parser.add_argument("--encoder", type=float, default=0.0, help="share of the way to the earlier encoder, 0 to 1")
    parser.add_argument("--head", type=float, default=0.0, help="share of the way to the earlier head, 0 to 1")
    parser.add_argument("--late", type=float, default=0.0, help="share of the way to the earlier late interaction, 0 to 1")
    parser.add_argument("--reranker", type=float, default=0.0, help="share of the way to the earlier reranker, 0 to 1")
    parser.add_argument("--asked", type=float, help=f"share of its parts {' and '.join(ASKED)}, default: --reranker's")
    parser.add_argument("--reliance-threshold", type=float, help="default: the model's")
    parser.add_argument("--rerank-floor", type=float, help="default: the model's")
    parser.add_argument("--places-weight", type=float, default=1.0, help="times the place score of questions that ask by place")
    parser.add_argument("--data", type=Path, required=True, help="folder that data.build made, to calibrate on")
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model, tokenizer = load_model_folder(args.model)
    asked = args.reranker if args.asked is None else args.asked
    if args.reranker or asked:
        require_reranker(args.earlier, model)
    earlier, _ = load_model_folder(args.earlier, grow=True)
    if not all(torch.equal(a, b) for a, b in zip(model.head.pool.parameters(), earlier.head.pool.parameters(), strict=True)):
        raise ValueError(f"the pools of {args.model} and {args.earlier} differ")
    move(model.encoder, earlier.encoder, args.encoder)
    move(model.head, earlier.head, args.head, KEPT)
    move(model.head.late, earlier.head.late, args.late)
    made, before = read_manifest(args.model), read_manifest(args.earlier)
    kept = [name.removeprefix("reranker.") for name in taught_otherwise(before["format"])]
    reranker, earlier_reranker = model.head.reranker, earlier.head.reranker
    move(reranker, earlier_reranker, args.reranker, (*kept, *(f"{part}." for part in ASKED)))
    for part in ASKED:
        own = tuple(name.removeprefix(f"{part}.") for name in kept if name.startswith(f"{part}."))
        move(getattr(reranker, part), getattr(earlier_reranker, part), asked, own)
    reranker.places.weigh(args.places_weight)
    if args.reliance_threshold is not None:
        model.configure(reliance_threshold=args.reliance_threshold)
    if args.rerank_floor is not None:
        model.configure(rerank_floor=args.rerank_floor)
    record = {
        "commit": current_commit(),
        "interpolated": {
            "from": made["version"],
            "towards": before["version"],
            "encoder": args.encoder,
            "head": args.head,
            "late": args.late,
            "reranker": args.reranker,
            "asked": asked,
            "placesWeight": args.places_weight,
        },
        "before": made["training"],
    }
    with_grids(model, tokenizer, args.data)
    calibration = calibrate(as_shipped(model), tokenizer, development_records(args.data))
    lexical_weight = made["fusion"]["lexicalWeight"]
    export(model, tokenizer, About(made["name"], args.version, calibration, lexical_weight, training=record), args.out)


if __name__ == "__main__":
    main()
