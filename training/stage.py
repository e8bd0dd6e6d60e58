"""One stage of training: optimiser, learning rate, log, checkpoints it resumes from."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from batch import Batch
from distributed import average_figures, average_gradients, barrier, processes, rank


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
    """Trains `parameters` for `steps`, resuming from <out>/<name>.ckpt.pt; saves `module` in <out>/<name>.pt.

    Of several processes, which share `out`, the first writes.
    """
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
    first = rank() == 0
    log_path = out / f"{name}.log.jsonl" if first else Path(os.devnull)
    kept = log_path.read_text().splitlines(keepends=True)[:start] if start else []
    log_path.write_text("".join(kept))
    with open(log_path, "a", encoding="utf-8") as log:
        for step in range(start, steps):
            began = time.perf_counter()
            progress = step / steps
            for group in optimiser.param_groups:
                decay = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress))
                group["lr"] = rate * min((step + 1) / warm, decay)
            torch.manual_seed(step * processes() + rank())  # the same dropout, resumed or not
            sample = batch(step)
            loss, told = loss_of(sample, progress)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            average_gradients(parameters)
            norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            told = {
                "step": step,
                **average_figures(told),
                "gradient": norm.item(),
                "segments": len(sample.segments),
                "queries": len(sample.queries),
                "seconds": time.perf_counter() - began,
            }
            log.write(json.dumps({k: round(v, 4) for k, v in told.items()}) + "\n")
            log.flush()
            if first and step % 10 == 0:
                print(name, " ".join(f"{k} {v:.3g}" for k, v in told.items()), flush=True)
            if first and (step + 1) % save_every == 0:
                state = {"module": module.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}
                save(state, checkpoint)
    if first:
        save(module.state_dict(), done)
        checkpoint.unlink(missing_ok=True)
    barrier()


def save(state: dict, path: Path) -> None:
    """Whole or not at all."""
    unfinished = path.with_suffix(".part")
    torch.save(state, unfinished)
    unfinished.replace(path)
