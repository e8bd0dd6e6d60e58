"""Trains EvoEmbed: the encoder as a static embedder, then the head on the frozen encoder, then the control.

    python train.py --data ../runs/data --out ../runs/evo-mini

Stages, each with checkpoints it resumes from: `static` (encoder), `head` (pool, update, retriever, context;
memory loss), `rerank` (the reranker on the frozen rest), `control` (the encoder goes on, statically, on the
very batches the head was trained on). Writes <out>/<stage>.pt, <stage>.log.jsonl and curves.png.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from batch import Batch, batches
from checkpoint import autocast, load_head
from config import Config
from curves import draw_curves
from data.mixture import Mixture
from encoding import Reader, load_encoder
from head_losses import HeadLosses
from losses import info_nce
from model import EvoEmbed
from rerank_losses import RerankLosses, pooled

TEMPERATURE = 0.05
RERANK_TEMPLATE_SHARE, RERANK_FACTS_SHARE = 0.7, 0.5
FROZEN_LAYERS = 3  # the encoder's embeddings and first layers stay as published


def static_loss(reader: Reader, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """InfoNCE of static vectors over all segments of the batch."""
    with autocast(reader.device):
        vectors = F.normalize(reader.static(batch.segments + [q.text for q in batch.queries]).float(), dim=-1)
    count = len(batch.segments)
    segments, queries = vectors[:count], vectors[count:]
    positive = batch.positive[:, batch.valid.reshape(-1)].to(reader.device)
    scores = queries @ segments.T
    loss = info_nce(scores, positive, torch.ones_like(positive), TEMPERATURE).mean()
    hit = positive.gather(1, scores.argmax(1, keepdim=True)).float().mean()
    return loss, {"loss": loss.item(), "recall@1": hit.item()}


def encoder_parameters(model: EvoEmbed, frozen_layers: int = FROZEN_LAYERS) -> list[nn.Parameter]:
    """The layers of the encoder that are trained; the rest is frozen here."""
    model.requires_grad_(False)
    trained = list(model.encoder.encoder.layer[frozen_layers:].parameters())
    for parameter in trained:
        parameter.requires_grad_(True)
    return trained


def run_stage(
    name: str,
    out: Path,
    module: nn.Module,
    parameters: list[nn.Parameter],
    batch: Callable[[int], Batch],
    loss_of: Callable[[Batch, float], tuple[Tensor, dict[str, float]]],
    *,
    steps: int,
    rate: float,
    save_every: int = 50,
) -> None:
    """Trains `parameters` for `steps`, resuming from <out>/<name>.ckpt.pt; saves `module` in <out>/<name>.pt."""
    out.mkdir(parents=True, exist_ok=True)
    done, checkpoint = out / f"{name}.pt", out / f"{name}.ckpt.pt"
    if done.exists():
        module.load_state_dict(torch.load(done, map_location="cpu"))
        print(f"{name}: already trained")
        return
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
    start = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu")
        module.load_state_dict(saved["module"])
        optimiser.load_state_dict(saved["optimiser"])
        start = saved["step"]
        print(f"{name}: resumes at step {start} of {steps}")
    warm = max(1, steps // 20)
    module.train()
    log_path = out / f"{name}.log.jsonl"
    kept = log_path.read_text().splitlines(keepends=True)[:start] if start else []
    log_path.write_text("".join(kept))
    with open(log_path, "a", encoding="utf-8") as log:
        for step in range(start, steps):
            began = time.perf_counter()
            progress = step / steps
            for group in optimiser.param_groups:
                decay = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress))
                group["lr"] = rate * min((step + 1) / warm, decay)
            torch.manual_seed(step)  # the same dropout, resumed or not
            sample = batch(step)
            loss, told = loss_of(sample, progress)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            told = {
                "step": step,
                **told,
                "gradient": norm.item(),
                "segments": len(sample.segments),
                "queries": len(sample.queries),
                "seconds": time.perf_counter() - began,
            }
            log.write(json.dumps({k: round(v, 4) for k, v in told.items()}) + "\n")
            log.flush()
            if step % 10 == 0:
                print(name, " ".join(f"{k} {v:.3g}" for k, v in told.items()), flush=True)
            if (step + 1) % save_every == 0:
                state = {"module": module.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
                torch.save(state, checkpoint)
    torch.save(module.state_dict(), done)
    checkpoint.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that data.build made")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--encoder", help="name or folder of a BERT-like encoder; default: MiniLM-L6-v2")
    parser.add_argument("--stage", choices=["static", "head", "rerank", "control", "all"], default="all")
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
    if args.stage in ("control", "all"):
        train_encoder("control", head_batches, args.head_steps, 2.5e-5)
    draw_curves(args.out)


if __name__ == "__main__":
    main()
