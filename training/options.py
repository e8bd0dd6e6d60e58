"""What train.py can be told; config.json in the run's folder records it, and loading reads sizes from there."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import get_args

from config import Config
from head_losses import MEMORY_WEIGHT, Weighting


STAGES = ("static", "late", "head", "encoder", "rerank", "joint", "controls", "control")
ASKED_FOR = ("encoder",)
"""Stages that run only where they are named."""


def wanted_stages(options: argparse.Namespace) -> tuple[str, ...]:
    """Those to run."""
    begun = ("static", "late", "head", "rerank") if options.from_model else ()
    return tuple(s for s in STAGES if s not in (*begun, *ASKED_FOR)) if options.stage == "all" else (options.stage,)


def parse_options(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder that data.build made")
    add("--out", type=Path, required=True)
    add("--encoder", help="name or folder of a BERT-like encoder; default: MiniLM-L6-v2")
    add("--stage", choices=[*STAGES, "all"], default="all")
    add(
        "--from-model",
        type=Path,
        help="model folder (made from --encoder) to go on from, in place of the stages static, late, head and rerank",
    )
    add("--static-steps", type=int, default=400)
    add("--late-steps", type=int, default=600)
    add("--late-rate", type=float, default=2e-3, help="learning rate of late interaction")
    add("--head-steps", type=int, default=420)
    add("--encoder-steps", type=int, default=150, help="of stage encoder")
    add("--encoder-template-share", type=float, default=0.4, help="of stage encoder's sequences")
    add("--hold", type=float, default=8.0, help="weight of how far stage encoder moves what the head reads")
    add("--rerank-steps", type=int, default=600)
    add("--rerank-rate", type=float, default=8e-4, help="learning rate of the reranker")
    add("--joint-steps", type=int, default=250)
    add("--static-segments", type=int, default=256, help="segments a batch and process")
    add("--head-segments", type=int, default=384, help="segments a batch and process")
    add("--template-share", type=float, default=0.5, help="of the head's sequences")
    add("--joint-rate", type=float, default=2e-4, help="learning rate of the head in stage joint")
    add("--woven-share", type=float, default=0.4, help="of the other sequences, with a templated conversation between")
    add(
        "--rerank-weight",
        type=float,
        help="of what the reranker adds but for places, once trained; default: 0.3, or 1 with --from-model, as that one is weighed",
    )
    add("--seed", type=int, default=1, help="of the batches, and of the first weights")
    add("--init-seed", type=int, help="of the first weights alone: the same for all runs of a soup")
    add(
        "--readings",
        type=Path,
        help="folder where stage rerank keeps batches as read, some 4 MB each: runs of the same batches share it",
    )
    add(
        "--order-seed",
        type=int,
        help="of the order in which stage rerank goes through its batches: runs side by side that share readings read half each",
    )
    add("--mixed-lengths", action="store_true", help="a length for each sequence of a batch, not one for all")
    add(
        "--gradient-checkpointing",
        type=int,
        default=0,
        metavar="N",
        help="saves memory: activations of N steps of the update, or a layer of the encoder, are computed again",
    )

    static = parser.add_argument_group("the static stage")
    static.add_argument("--trained-layers", type=int, default=3, metavar="N", help="the encoder's last N")
    static.add_argument("--static-rate", type=float, default=5e-5, help="learning rate of the encoder")
    static.add_argument("--quantise-aware", action="store_true", help="train on the 8-bit weights that ship")
    static.add_argument("--teacher", type=Path, help="run whose static encoder, fused with BM25, is distilled")

    sizes = parser.add_argument_group("sizes and ablations of the head")
    sizes.add_argument("--capacity", type=int, default=Config.capacity, help="segments in the queue; 1: no queue")
    sizes.add_argument("--memory-queries", type=int, default=Config.memory_queries, metavar="K")
    sizes.add_argument("--memory-loss", type=float, default=MEMORY_WEIGHT, help="its weight; 0: none")
    sizes.add_argument(
        "--length-weighting",
        choices=get_args(Weighting),
        default="batch",
        help="weigh a query by log(negatives + 1), those of the batch or of its sequence, or not at all",
    )
    sizes.add_argument("--no-recurrence", dest="recurrence", action="store_false", help="updates read no queue")
    sizes.add_argument("--no-order", dest="order", action="store_false", help="no features of the step")
    sizes.add_argument(
        "--no-identity-path", dest="identity_path", action="store_false", help="context through latents alone"
    )
    options = parser.parse_args()
    if options.rerank_weight is None:
        options.rerank_weight = 1.0 if options.from_model else 0.3
    if options.stage == "encoder" and not options.from_model:
        parser.error("stage encoder goes on beneath a trained head: give --from-model")
    if options.stage == "rerank" and (options.out / "joint.pt").exists():
        parser.error(
            f"{options.out} has been through stage joint, which trained the reranker, too: export it, and go on from the "
            "model folder in another --out"
        )
    return options


def chosen(out: Path) -> dict:
    """What soup.py, reliance.py and whoever weighed the reranker left in <out>/config.json."""
    path = out / "config.json"
    made = json.loads(path.read_text()) if path.exists() else {}
    return {k: v for k, v in made.items() if k in ("soup", "reliance_threshold", "rerank_floor")}


def record_options(options: argparse.Namespace, config: Config) -> None:
    """Writes <out>/config.json: all but where things lie, and sizes."""
    path = options.out / "config.json"
    made = {k: v for k, v in (vars(options) | vars(config)).items() if k not in ("data", "out", "stage", "readings", "d")}
    for folder in ("teacher", "from_model"):
        made[folder] = made[folder] and made[folder].name
    path.write_text(json.dumps(made | chosen(options.out), indent=1))
