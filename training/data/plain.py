"""Natural questions that name an order or a time and ask for nothing by its place among others; written for this project."""

from __future__ import annotations

from pathlib import Path

PLAIN = tuple((Path(__file__).parent / "plain_questions.txt").read_text(encoding="utf-8").strip().split("\n"))
