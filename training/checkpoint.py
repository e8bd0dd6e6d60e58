"""Loads what train.py saved."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from config import Config
from controls import Controls
from encoding import load_encoder
from late_interaction import LATE_WEIGHT
from model import EvoEmbed
from model_folder import is_model_folder, load_model_folder
from rounding import load_encoder_state_

STAGES = ("static", "control", "head")


def load_model(folder: Path, stage: str = "head") -> tuple[EvoEmbed, PreTrainedTokenizerBase]:
    """The model as a stage left it: `static`, `control` (both without a trained head), or `head` with all after it.

    A model folder as it ships holds `head` alone. Raises FileNotFoundError when the stage is not there.
    """
    if stage not in STAGES:
        raise ValueError(f"stage {stage!r} is none of {', '.join(STAGES)}")
    if is_model_folder(folder):
        if stage != "head":
            raise FileNotFoundError(f"{folder} is a model folder: it holds no stage {stage!r}")
        return load_model_folder(folder)
    made = json.loads((folder / "config.json").read_text())
    encoder, tokenizer = load_encoder(made["encoder"])
    model = EvoEmbed(encoder, Config.of(made, encoder.config.hidden_size))
    trained = "static" if stage == "head" else stage
    load_encoder_state_(model.encoder, torch.load(folder / f"{trained}.pt", map_location="cpu"))
    if stage == "head":
        load_head(model, folder)
        model.head.reranker.weigh(made["rerank_weight"])
    return model.eval(), tokenizer


def is_reranked(folder: Path) -> bool:
    """Whether its reranker was trained; where it was not, it leaves every order as it is."""
    return is_model_folder(folder) or any((folder / f"{stage}.pt").exists() for stage in ("rerank", "joint"))


def published() -> tuple[EvoEmbed, PreTrainedTokenizerBase]:
    """MiniLM-L6-v2 as it came."""
    encoder, tokenizer = load_encoder(None)
    return EvoEmbed(encoder, Config(d=encoder.config.hidden_size)).eval(), tokenizer


def load_controls(folder: Path) -> Controls:
    """The controls that know the order, as stage `controls` left them."""
    saved = torch.load(folder / "controls.pt", map_location="cpu")
    controls = Controls(saved["clock.weights.weight"].shape[1])
    controls.load_state_dict(saved)
    return controls.eval()


def load_head(model: EvoEmbed, folder: Path, *, joint: bool = True) -> None:
    """The head as stage `joint` left it, or where that has not run, as stages `head` and `rerank` did.

    joint: else without what stage `joint` did.
    """
    joint = joint and (folder / "joint.pt").exists()
    path = folder / ("joint.pt" if joint else "head.pt")
    saved = torch.load(path, map_location="cpu")
    weights = {k.removeprefix("head."): v for k, v in saved.items() if k.startswith("head.")}
    reranked = joint or (folder / "rerank.pt").exists()
    if reranked and not joint:
        weights |= torch.load(folder / "rerank.pt", map_location="cpu")
    missing, unexpected = model.head.load_state_dict(weights, strict=False)
    optional = ("late.",) if reranked else ("late.", "reranker.")
    wrong = unexpected + [name for name in missing if not name.startswith(optional)]
    if wrong:
        raise ValueError(f"{path} does not fit the model: {', '.join(wrong)}")
    load_late(model, folder)


def load_late(model: EvoEmbed, folder: Path) -> None:
    """Late interaction as stage `late` left it, with its weight; as it is, where that has not run."""
    path = folder / "late.pt"
    if path.exists():
        saved = torch.load(path, map_location="cpu")
        model.head.late.load_state_dict({k.removeprefix("late."): v for k, v in saved.items() if k.startswith("late.")})
        model.configure(late_weight=LATE_WEIGHT)


def autocast(device: torch.device) -> AbstractContextManager:
    """bf16 where the device computes it well."""
    if device.type == "cuda" or torch.cpu._is_avx512_bf16_supported():
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
