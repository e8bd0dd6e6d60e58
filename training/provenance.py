"""Where a result comes from: the exact command, the commit, the seed, the device."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import torch


def provenance(seed: int, seconds: float) -> dict:
    """Of this process's own command; folders in it are shown as PATH."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return {
        "command": re.sub(r"(?<=[ =])/\S*/", "PATH/", shlex.join(["python", *sys.argv])),
        "commit": commit.stdout.strip(),
        "seed": seed,
        "device": "cuda" if torch.cuda.is_available() else f"cpu, {torch.get_num_threads()} threads",
        "seconds": round(seconds, 1),
    }
