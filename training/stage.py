"""One stage of training: optimiser, learning rate, log, checkpoints it resumes from."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from batch import Batch
from distributed import average_figures, average_gradients, barrier, processes, rank
from kept import save


def run_stage(
    name: str,
    out: Path,
    module: nn.Module,
    batch: Callable[[int], Batch],
    loss_of: Callable[[Batch, float], tuple[Tensor, dict[str, float]]],
    *,
    steps: int,
    rate: float,
    faster: Mapping[nn.Module, float] = MappingProxyType({}),
    average: float = 0.0,
    save_every: int = 50,
) -> None:
    """Trains what of `module` is not frozen for `steps`, resuming from <out>/<name>.ckpt.pt; saves `module` in <out>/<name>.pt.

    faster: modules whose parameters have a rate of their own. average: what is saved is the weights' exponential
    average with this decay; 0: the last weights. Of several processes, which share `out`, the first writes.
    """
    out.mkdir(parents=True, exist_ok=True)
    done, checkpoint = out / f"{name}.pt", out / f"{name}.ckpt.pt"
    if done.exists():
        module.load_state_dict(torch.load(done, map_location="cpu"))
        print(f"{name}: already trained")
        return
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    rates = {parameter: own for part, own in faster.items() for parameter in part.parameters()}
    groups: dict[float, list[nn.Parameter]] = {}
    for parameter in parameters:
        groups.setdefault(rates.get(parameter, rate), []).append(parameter)
    optimiser = torch.optim.AdamW(
        [{"params": members, "lr": own, "rate": own} for own, members in groups.items()],
        weight_decay=0.01,
        betas=(0.9, 0.98),
    )
    start = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu")
        module.load_state_dict(saved["module"])
        optimiser.load_state_dict(saved["optimiser"])
        start = saved["step"]
        mean_weights = saved["average"] and {
            key: saved["average"][key].to(weight.device) for key, weight in module.state_dict().items()
        }
        print(f"{name}: resumes at step {start} of {steps}")
    else:
        mean_weights = {key: weight.clone() for key, weight in module.state_dict().items()} if average else None
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
                group["lr"] = group["rate"] * min((step + 1) / warm, decay)
            torch.manual_seed(step * processes() + rank())  # the same dropout, resumed or not
            sample = batch(step)
            loss, told = loss_of(sample, progress)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            average_gradients(parameters)
            norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            if mean_weights:
                inertia = min(average, (step + 1) / (step + 20))
                for key, weight in module.state_dict().items():
                    mean_weights[key].lerp_(weight, 1 - inertia)
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
                save(state | {"average": mean_weights}, checkpoint)
    if mean_weights:
        module.load_state_dict(mean_weights)
    if first:
        save(module.state_dict(), done)
        checkpoint.unlink(missing_ok=True)
    barrier()
