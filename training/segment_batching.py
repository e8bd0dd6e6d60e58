"""Measures what packing sequences of very different lengths saves: the same work packed, padded, one by one.

    python segment_batching.py [--sequences 16] [--shortest 16] [--longest 256] [--threads 1]

Prints seconds, medians of interleaved runs, and ratios to one by one: for the update loop alone, and for a
whole step of the head's training (encoder, losses, backward) on templated text. Weights are as initialised.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

import torch
from torch.nn.utils.rnn import pad_sequence

from batch import collate
from checkpoint import autocast
from config import Config
from data.templates import generate
from encoding import Reader, load_encoder
from head_losses import HeadLosses
from memory_loop import update_memory
from model import EvoEmbed


def interleaved(ways: dict[str, Callable[[], None]], runs: int) -> dict[str, float]:
    """Median seconds of each way over `runs` rounds, after a round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(times[1:]) for name, times in seconds.items()}


def loops(model: EvoEmbed, lengths: list[int]) -> dict[str, Callable[[], None]]:
    """The update loop, forward and backward, over random memory rows."""
    config, device = model.config, next(model.parameters()).device
    sequences = [torch.randn(T, config.memory_queries, config.d, device=device) for T in lengths]

    def run(rows: torch.Tensor, lengths: list[int]) -> None:
        with autocast(device):
            latents = update_memory(model.head.update, rows, torch.tensor(lengths))
        latents.float().square().sum().backward()

    padded = pad_sequence(sequences, batch_first=True).flatten(0, 1)
    return {
        "packed": lambda: run(torch.cat(sequences), lengths),
        "padded": lambda: run(padded, [max(lengths)] * len(lengths)),
        "one by one": lambda: [run(rows, [len(rows)]) for rows in sequences],
    }


def steps(reader: Reader, lengths: list[int]) -> dict[str, Callable[[], None]]:
    """A step of the head's training, all sequences in one batch or each in a batch of its own."""
    losses = HeadLosses(reader, autocast).to(reader.device)
    rng = random.Random(1)
    records = [generate(rng, length, []) for length in lengths]

    def run(batches: list) -> None:
        for batch in batches:
            losses(batch, 0.0)[0].backward()

    together = [collate(records, rng)]
    apart = [collate([record], rng) for record in records]
    return {"packed": lambda: run(together), "one by one": lambda: run(apart)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=16)
    parser.add_argument("--shortest", type=int, default=16, help="segments")
    parser.add_argument("--longest", type=int, default=256, help="segments")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    rng = random.Random(1)
    lengths = [round(args.shortest * (args.longest / args.shortest) ** rng.random()) for _ in range(args.sequences)]
    encoder, tokenizer = load_encoder(None)
    model = EvoEmbed(encoder, Config(d=encoder.config.hidden_size))
    model.to("cuda" if torch.cuda.is_available() else "cpu").encoder.requires_grad_(False).eval()
    print(f"{len(lengths)} sequences of {min(lengths)} to {max(lengths)} segments, {sum(lengths)} in all")
    for what, ways in (("update loop", loops(model, lengths)), ("training step", steps(Reader(model, tokenizer), lengths))):
        seconds = interleaved(ways, args.runs)
        for name, took in seconds.items():
            print(f"{what:13} {name:10} {took:6.2f} s  {seconds['one by one'] / took:4.1f}x")


if __name__ == "__main__":
    main()
