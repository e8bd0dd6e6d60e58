"""Two processes that torchrun starts learn what one process learns from both their batches at once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor, nn

import distributed
import model as reference
import rerank_losses
import static_loss as static
from batch import MAX_QUERIES, Batch, collate
from data.mixture import Mixture
from data.record import Query, Record
from data.templates import generate
from encoding import Reader
from head_losses import HeadLosses
from stage import run_stage
from tiny_model import tiny_model, tiny_tokenizer

STAGES = ("static", "head", "rerank")
STEPS = 3
NATURAL = Mixture({"friendsqa": [Record("friendsqa/a", ["Ana: Hello."], [Query("Who says hello?", [0])])]}, {})


def records(step: int) -> list[Record]:
    """Two sequences for even steps, three for odd: the processes never have equally many."""
    rng = random.Random(step)
    drawn = [generate(rng, 16 + 3 * i, []) for i in range(2 + step % 2)]
    return [replace(record, queries=record.queries[:MAX_QUERIES]) for record in drawn]  # else collate draws some


def batch_of(*parts: list[Record]) -> Batch:
    return collate([record for part in parts for record in part], random.Random(1))


def for_one(step: int) -> Batch:
    return batch_of(records(2 * step), records(2 * step + 1))


def for_two(step: int) -> Batch:
    return distributed.share(lambda step: batch_of(records(step)))(step)


def exact(device: torch.device) -> nullcontext:
    """f32, as bf16 rounds otherwise in a batch of other shape."""
    return nullcontext()


def prepared(stage: str) -> tuple[nn.Module, list[nn.Parameter], Callable]:
    """A stage's module, what is trained of it, and its loss; without dropout, which is each process's own."""

    def undropped(module: nn.Module) -> None:
        if isinstance(module, nn.Dropout):
            module.p = 0.0

    tokenizer = tiny_tokenizer()
    model = tiny_model(len(tokenizer))
    model.apply(undropped)
    reader = Reader(model, tokenizer)
    if stage == "static":
        parameters = static.encoder_parameters(model, layers=1)
        return model.encoder, parameters, lambda batch, _: static.static_loss(reader, batch)
    model.requires_grad_(False)
    losses = HeadLosses(reader, exact) if stage == "head" else rerank_losses.RerankLosses(reader, exact, NATURAL)
    losses.requires_grad_(True).apply(undropped)
    return losses, list(losses.parameters()), losses


@patch.object(static, "autocast", exact)
@patch.object(reference, "round_f16", lambda x: x)  # else its last bit falls either way
@patch.object(rerank_losses, "FUSED", 1.0)  # else each process draws its own
@patch.object(rerank_losses, "PLAIN", ("When did Ana first ski?",) * rerank_losses.MORE_PLAIN)
@patch.object(rerank_losses, "draw_questions", lambda rng, count: [("What came before that?", "previous")] * count)
def learn(out: Path, batch: Callable[[int], Batch]) -> None:
    """Writes the first gradients of every stage, and trains the head for some steps."""
    torch.set_num_threads(1)
    gradients: dict[str, list[Tensor | None]] = {}
    for stage in STAGES:
        _, parameters, loss_of = prepared(stage)
        loss_of(batch(0), 0.0)[0].backward()
        distributed.average_gradients(parameters)
        gradients[stage] = [p.grad for p in parameters]
    module, _, loss_of = prepared("head")
    run_stage("head", out, module, batch, loss_of, steps=STEPS, rate=1e-3, save_every=2)
    if distributed.rank() == 0:
        torch.save(gradients, out / "gradients.pt")


def test_two_processes_learn_as_one_with_both_their_batches(tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    two, one = tmp_path / "two", tmp_path / "one"
    subprocess.run([*launch, __file__, str(two)], check=True, env=os.environ | environment)
    learn(one, for_one)
    got, wanted = torch.load(two / "gradients.pt"), torch.load(one / "gradients.pt")
    for stage in STAGES:
        largest = max(float(right.abs().max()) for right in wanted[stage] if right is not None)
        for mine, right in zip(got[stage], wanted[stage], strict=True):
            assert (mine is None) == (right is None)
            if right is not None:
                atol = 1e-3 * float(right.abs().max()) + 1e-5 * largest
                torch.testing.assert_close(mine, right, atol=atol, rtol=0, msg=lambda told, s=stage: f"{s}: {told}")
    logs = [[json.loads(line) for line in (run / "head.log.jsonl").read_text().splitlines()] for run in (two, one)]
    for mine, right in zip(*logs, strict=True):
        assert abs(mine["retrieval"] - right["retrieval"]) < 1e-2 * right["retrieval"]
        assert abs(mine["memory"] - right["memory"]) < 1e-2 * right["memory"]


def test_one_process_needs_no_others() -> None:
    x = torch.tensor([1.0, 3.0])
    assert distributed.gather(x) is x and distributed.mean(x) == 2 and distributed.place(x) == (0, 0)
    assert distributed.mean(x[:0]) == 0


if __name__ == "__main__":
    distributed.start()
    learn(Path(sys.argv[1]), for_two)
