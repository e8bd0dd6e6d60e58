"""Published files, read with errors that name them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import parse_lines
from data.record import RecordError


def read_json(path: Path) -> Any:
    """Raises RecordError naming the file that is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordError(f"{path}: {error}") from error


def read_lines(path: Path) -> Iterator[Any]:
    """Raises RecordError naming file and line."""
    yield from parse_lines(path.read_text(encoding="utf-8"), str(path))
