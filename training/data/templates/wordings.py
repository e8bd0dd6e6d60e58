"""Wordings that lie in text files, one a line: asks/ of questions, says/ and facts/ of statements."""

from __future__ import annotations

from pathlib import Path


def read_wordings(folder: str) -> dict[str, tuple[str, ...]]:
    """The lines of the folder's files, by their names."""
    paths = sorted((Path(__file__).parent / folder).glob("*.txt"))
    return {path.stem: tuple(path.read_text(encoding="utf-8").splitlines()) for path in paths}
