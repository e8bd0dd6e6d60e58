"""Trains EvoEmbed: the encoder as a static embedder, then the head on the frozen encoder, then the control.

    python train.py --data ../runs/data --out ../runs/evo-mini

Stages, each with checkpoints it resumes from: `static` (encoder), `head` (pool, update, retriever, context;
memory loss), `rerank` (the reranker on the frozen rest), and the controls on the very batches the head was
trained on: `controls` (clock and neighbours), `control` (the encoder goes on, statically). Writes
<out>/<stage>.pt, <stage>.log.jsonl and curves.png.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import torch

from batch import Batch, batches
from checkpoint import autocast, load_head
from config import Config
from controls import Controls, ControlLosses
from curves import draw_curves
from data.mixture import Mixture
from encoding import Reader, load_encoder
from head_losses import HeadLosses
from model import EvoEmbed
from rerank_losses import RerankLosses, pooled
from stage import run_stage
from static_loss import encoder_parameters, static_loss

RERANK_TEMPLATE_SHARE, RERANK_FACTS_SHARE = 0.7, 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that data.build made")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", help="name or folder of a BERT-like encoder; default: MiniLM-L6-v2")
    parser.add_argument("--stage", choices=["static", "head", "rerank", "controls", "control", "all"], default="all")
    parser.add_argument("--static-steps", type=int, default=400)
    parser.add_argument("--head-steps", type=int, default=420)
    parser.add_argument("--rerank-steps", type=int, default=2400)
    parser.add_argument("--static-segments", type=int, default=256, help="segments a batch")
    parser.add_argument("--head-segments", type=int, default=384, help="segments a batch")
    parser.add_argument("--template-share", type=float, default=0.5, help="of the head's sequences")
    parser.add_argument("--memory-weight", type=float, default=0.7, help="of a query's memory parts, once trained")
    parser.add_argument("--rerank-weight", type=float, default=0.3, help="of what the reranker adds, once trained")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder, tokenizer = load_encoder(args.encoder)
    config = Config(d=encoder.config.hidden_size)
    model = EvoEmbed(encoder, config).to(device)
    reader = Reader(model, tokenizer)
    mixture = Mixture.load(args.data, "train")
    made = {k: v for k, v in vars(args).items() if k not in ("data", "out", "stage")}
    (args.out / "config.json").write_text(json.dumps(made, indent=1))

    def train_encoder(name: str, batch: Callable[[int], Batch], steps: int, rate: float) -> None:
        run_stage(
            name,
            args.out,
            model.encoder,
            encoder_parameters(model),
            batch,
            lambda sample, _: static_loss(reader, sample),
            steps=steps,
            rate=rate,
        )

    train_encoder(
        "static", batches(mixture, args.seed, args.static_segments, 0.0), args.static_steps, 5e-5
    )
    head_batches = batches(mixture, args.seed + 1, args.head_segments, args.template_share)
    if args.stage in ("head", "all"):
        model.requires_grad_(False)
        losses = HeadLosses(reader, autocast).to(device)
        losses.requires_grad_(True)
        model.encoder.requires_grad_(False).eval()
        run_stage(
            "head",
            args.out,
            losses,
            [p for p in losses.parameters() if p.requires_grad],
            head_batches,
            losses,
            steps=args.head_steps,
            rate=5e-4,
        )
    if args.stage in ("rerank", "all"):
        load_head(model, args.out)
        model.requires_grad_(False).eval()
        model.head.reranker.requires_grad_(True)
        run_stage(
            "rerank",
            args.out,
            model.head.reranker,
            list(model.head.reranker.parameters()),
            pooled(batches(mixture, args.seed + 2, args.head_segments, RERANK_TEMPLATE_SHARE, RERANK_FACTS_SHARE)),
            RerankLosses(reader, autocast),
            steps=args.rerank_steps,
            rate=8e-4,
        )
    if args.stage in ("controls", "all"):
        model.requires_grad_(False).eval()
        controls = Controls(config.d).to(device)
        run_stage(
            "controls",
            args.out,
            controls,
            list(controls.parameters()),
            head_batches,
            ControlLosses(controls, reader, autocast),
            steps=args.head_steps,
            rate=3e-3,
        )
    if args.stage in ("control", "all"):
        train_encoder("control", head_batches, args.head_steps, 2.5e-5)
    draw_curves(args.out)


if __name__ == "__main__":
    main()
