"""Trains EvoEmbed: the encoder as a static embedder, then the head on the frozen encoder, then the control.

    python train.py --data ../runs/data --out ../runs/evo-mini
    torchrun --nproc-per-node 2 train.py --data ../runs/data --out ../runs/evo-mini

Stages, each with checkpoints it resumes from: `static` (encoder), `late` (late interaction, on the frozen encoder),
`head` (pool, update, retriever, context; memory loss), `encoder` (encoder and late interaction, the head as it is; only
with --from-model, and where it is named), `rerank` (the reranker on the frozen rest), `joint` (all of the
head but its pool and late interaction), and the controls
on the very batches the head was trained on: `controls` (clock and neighbours), `control` (the encoder goes on,
statically). `joint` and `rerank` each go on from the weights before both: export one before the other. Writes
<out>/<stage>.pt, <stage>.log.jsonl and curves.png.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import torch

import distributed
from ablations import ablate
from batch import Batch, batches, in_succession, pooled, shuffled
from checkpoint import autocast, load_head, load_late, load_model
from config import Config
from controls import VISITS as CONTROLS_VISITS
from controls import Controls, ControlLosses
from curves import draw_curves
from data.mixture import Mixture
from distillation import Teacher
from encoder_losses import EncoderLosses
from encoding import Reader, load_encoder
from head_losses import HeadLosses
from joint_losses import JointLosses
from kept import save
from late_losses import LateLosses
from model import EvoEmbed
from model_folder import load_model_folder
from options import chosen, parse_options, record_options, wanted_stages
from quantise import quantise_aware, quantise_encoder_
from rerank_losses import LENGTHS, QUERIES, RerankLosses
from rounding import load_encoder_state_
from stage import run_stage
from static_loss import encoder_parameters, static_loss

STATIC_TEMPLATE_SHARE, RERANK_TEMPLATE_SHARE, FACTS_SHARE = 0.15, 0.6, 0.5
ENCODER_FACTS_SHARE = 0.85
STATIC_QUERIES, JOINT_QUERIES = 24, 20  # of a sequence
ORDERED_ANEW = 64  # batches of stage rerank at a time
LATE_FASTER = 3.0  # late interaction's rate in stage encoder, times the encoder's
FASTER = 2.5  # the rate of a stage's parts that have more to learn than the rest


def main() -> None:
    options = parse_options(__doc__)
    device = distributed.start()
    first_weights = options.seed if options.init_seed is None else options.init_seed
    torch.manual_seed(first_weights)
    if options.from_model:
        model, tokenizer = load_model_folder(options.from_model, grow=True)
    else:
        encoder, tokenizer = load_encoder(options.encoder)
        model = EvoEmbed(encoder, Config.of(vars(options) | chosen(options.out), encoder.config.hidden_size))
    model.to(device)
    wanted = wanted_stages(options)
    reader = Reader(model, tokenizer)
    mixture = Mixture.load(options.data, "train")
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    if distributed.rank() == 0:
        if not (out / "config.json").exists() or any(not stage.startswith("control") for stage in wanted):
            record_options(options, model.config)
        if options.from_model and not (out / "head.pt").exists():
            save({f"head.{name}": weight for name, weight in model.head.state_dict().items()}, out / "head.pt")

    def drawn(seed: int, segments: int, *shares: float, **more) -> Callable[[int], Batch]:
        return distributed.share(batches(mixture, seed, segments, *shares, **more))

    def train_encoder(name: str, batch: Callable[[int], Batch], steps: int, rate: float, **of_loss) -> None:
        encoder_parameters(model, options.trained_layers)
        if options.gradient_checkpointing:
            model.encoder.activation_checkpointing_enable()
            model.encoder.disable_input_require_grads()  # what lies below is frozen
        with quantise_aware(model.encoder) if options.quantise_aware else nullcontext():
            run_stage(
                name,
                out,
                model.encoder,
                batch,
                lambda sample, _: static_loss(reader, sample, **of_loss),
                steps=steps,
                rate=rate,
            )
        if options.gradient_checkpointing:
            model.encoder.activation_checkpointing_disable()

    if options.from_model and "static" not in wanted:
        if distributed.rank() == 0 and not (out / "static.pt").exists():
            save(model.encoder.state_dict(), out / "static.pt")
        distributed.barrier()
        load_encoder_state_(model.encoder, torch.load(out / "static.pt", map_location="cpu"))
    else:
        teacher = None
        if options.teacher and not (out / "static.pt").exists():
            taught, its_tokenizer = load_model(options.teacher, "static")
            teacher = Teacher(Reader(taught.to(device), its_tokenizer))
        train_encoder(
            "static",
            drawn(options.seed, options.static_segments, STATIC_TEMPLATE_SHARE, 1.0, most_queries=STATIC_QUERIES),
            options.static_steps,
            options.static_rate,
            teacher=teacher,
            rivals=True,
        )
    if options.quantise_aware:
        quantise_encoder_(model.encoder)  # the head reads what ships
    head_batches = drawn(
        options.seed + 1,
        options.head_segments,
        options.template_share,
        woven_share=options.woven_share,
        mixed=options.mixed_lengths,
    )
    joint_batches = drawn(
        options.seed + 3,
        options.head_segments,
        options.template_share,
        FACTS_SHARE,
        options.woven_share,
        most_queries=JOINT_QUERIES,
    )
    if "late" in wanted:
        torch.manual_seed(first_weights)
        model.requires_grad_(False).eval()
        losses = LateLosses(reader, autocast).to(device).requires_grad_(True)
        run_stage(
            "late",
            out,
            losses,
            drawn(options.seed + 4, options.static_segments, STATIC_TEMPLATE_SHARE, most_queries=STATIC_QUERIES),
            losses,
            steps=options.late_steps,
            rate=options.late_rate,
        )
    load_late(model, out)
    if "encoder" in wanted:
        model.requires_grad_(False).eval()
        losses = EncoderLosses(reader, autocast, options.trained_layers, options.hold).to(device).requires_grad_(True)
        shares = options.encoder_template_share, ENCODER_FACTS_SHARE
        run_stage(
            "encoder",
            out,
            losses,
            drawn(options.seed + 5, options.static_segments, *shares, most_queries=STATIC_QUERIES),
            losses,
            steps=options.encoder_steps,
            rate=options.static_rate,
            faster={losses.late: LATE_FASTER * options.static_rate},
        )
        if distributed.rank() == 0:
            save(model.encoder.state_dict(), out / "static.pt")
            save({f"late.{name}": weight for name, weight in losses.late.state_dict().items()}, out / "late.pt")
    if "head" in wanted:
        torch.manual_seed(first_weights)  # the answer decoder's too: alike in all processes and runs of a soup
        losses = HeadLosses(
            reader,
            autocast,
            memory_loss=options.memory_loss,
            weighting=options.length_weighting,
            stretch=options.gradient_checkpointing,
        ).to(device)
        losses.requires_grad_(True)
        model.encoder.requires_grad_(False).eval()
        ablate(model.head, recurrence=options.recurrence, order=options.order)
        run_stage(
            "head",
            out,
            losses,
            head_batches,
            losses,
            steps=options.head_steps,
            rate=5e-4,
        )

    def go_on() -> None:
        """The model as the stages before left it, frozen."""
        if not options.from_model:
            load_head(model, out, joint=False)
        model.requires_grad_(False).eval()

    if "rerank" in wanted:
        go_on()
        torch.manual_seed(first_weights)
        losses = RerankLosses(reader, autocast, mixture, options.readings).to(device).requires_grad_(True)
        rerank_batches = drawn(
            options.seed + 2,
            options.head_segments,
            RERANK_TEMPLATE_SHARE,
            FACTS_SHARE,
            options.woven_share,
            most_queries=QUERIES,
            lengths=LENGTHS,
        )
        if options.order_seed is not None:
            rerank_batches = shuffled(rerank_batches, options.rerank_steps, ORDERED_ANEW, options.order_seed)
        run_stage(
            "rerank",
            out,
            losses,
            rerank_batches,
            losses,
            steps=options.rerank_steps,
            rate=options.rerank_rate,
            faster={part: FASTER * options.rerank_rate for part in losses.taught},
        )
    if "joint" in wanted:
        go_on()
        torch.manual_seed(first_weights)
        losses = JointLosses(reader, autocast).to(device)
        ablate(model.head, recurrence=options.recurrence, order=options.order)
        run_stage(
            "joint",
            out,
            losses,
            joint_batches,
            losses,
            steps=options.joint_steps,
            rate=options.joint_rate,
            faster={model.head.reranker: FASTER * options.joint_rate},
            average=0.995,
        )
    # What the head was trained on: in a run of its own the batches of stage `head`, and those of `joint`.
    seen, seen_steps = head_batches, options.head_steps
    if options.from_model:
        seen, seen_steps = joint_batches, options.joint_steps
    elif (out / "joint.pt").exists():
        seen, seen_steps = in_succession(seen, seen_steps, joint_batches), seen_steps + options.joint_steps
    if "controls" in wanted:
        model.requires_grad_(False).eval()
        controls = Controls(model.config.d).to(device)
        run_stage(
            "controls",
            out,
            controls,
            pooled(seen, seen_steps, CONTROLS_VISITS),
            ControlLosses(controls, reader, autocast),
            steps=seen_steps * CONTROLS_VISITS,
            rate=3e-3,
        )
    if "control" in wanted:
        load_encoder_state_(model.encoder, torch.load(out / "static.pt", map_location="cpu"))
        train_encoder("control", seen, seen_steps, 2.5e-5, rivals=True)
    if distributed.rank() == 0:
        draw_curves(out)


if __name__ == "__main__":
    main()
