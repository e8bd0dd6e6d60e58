"""Every ablation is a command that train.py knows, run once, and told in one table."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path

import ablation_runs
import report
from options import parse_options


def test_every_ablation_is_a_command_that_train_knows(tmp_path, monkeypatch) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "static.pt").write_bytes(b"weights")
    (base / "config.json").write_text('{"encoder": null}')
    trained = []
    one_at_a_time = threading.Lock()  # sys.argv is of all threads

    def python(arguments: list, jobs: int) -> None:
        script, *options = map(str, arguments)
        if script == "train.py":
            with one_at_a_time, monkeypatch.context() as patched:
                patched.setattr(sys, "argv", [script, *options])
                trained.append(parse_options(None))
            return
        if script == "reliance.py":
            return
        row = {"recall@10": [0.5, 0.4, 0.6], "types": {}}
        found = {"systems": dict.fromkeys(("static", "evolved vectors", "BM25"), row)}
        Path(options[options.index("--json") + 1]).write_text(json.dumps({"sets": {"coreference": found}}))

    monkeypatch.setattr(ablation_runs, "python", python)
    out = tmp_path / "out"
    paths = ["--base", base, "--built", tmp_path, "--data", tmp_path, "--out", out, "--steps", 7]
    command = ["ablation_runs.py", *map(str, paths), "--sets", "coreference", "--jobs", "2"]
    monkeypatch.setattr(sys, "argv", command)
    ablation_runs.main()
    assert len(trained) == len(ablation_runs.ABLATIONS)
    assert {options.head_steps for options in trained} == {7}
    assert len({str({**vars(options), "out": None}) for options in trained}) == len(trained)
    shutil.rmtree(base)
    monkeypatch.setattr(sys, "argv", command)
    ablation_runs.main()
    assert len(trained) == len(ablation_runs.ABLATIONS)
    page = tmp_path / "page.md"
    page.with_suffix(".template.md").write_text("{{run}}\n\n{{retrained evolved_vectors}}\n")
    report.write_report([], page, out / "retrained.json")
    text = page.read_text()
    assert "    python ablation_runs.py --base PATH/base " in text and "| evolved vectors, 7 steps | coreference, " in text
    assert "| no queue (one slot) | 50.0 (40.0–60.0) |" in text
