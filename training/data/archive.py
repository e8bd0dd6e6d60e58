"""Reads members of the one zip in a source's folder, in place: nothing is unpacked to disk."""

from __future__ import annotations

import csv
import fnmatch
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.record import RecordError


class Archive:
    """The zip of one source. Raises FileNotFoundError where the folder holds none."""

    def __init__(self, folder: Path, pattern: str = "*.zip") -> None:
        found = sorted(Path(folder).glob(pattern))
        if not found:
            raise FileNotFoundError(f"{folder}: no {pattern}")
        self._zip = zipfile.ZipFile(found[0])
        self._path = found[0]

    def names(self, pattern: str) -> list[str]:
        """Members whose path matches the shell pattern (`*` also matches `/`), sorted."""
        return sorted(n for n in self._zip.namelist() if not n.endswith("/") and fnmatch.fnmatchcase(n, pattern))

    def name(self, pattern: str) -> str:
        """The first such member; raises RecordError when there is none."""
        names = self.names(pattern)
        if not names:
            raise RecordError(f"{self._path}: no member {pattern}")
        return names[0]

    def bytes(self, name: str) -> bytes:
        return self._zip.read(name)

    def text(self, name: str) -> str:
        return self.bytes(name).decode("utf-8", errors="replace")

    def json(self, name: str) -> Any:
        """Raises RecordError naming the member that is not JSON."""
        try:
            return json.loads(self.bytes(name))
        except ValueError as error:
            raise RecordError(f"{self._path}/{name}: {error}") from error

    def json_lines(self, name: str) -> Iterator[Any]:
        """Raises RecordError naming the member and line (from 1) that is not JSON."""
        yield from parse_lines(self.text(name), f"{self._path}/{name}")

    def csv(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(name), newline="")))


def parse_lines(text: str, place: str) -> Iterator[Any]:
    """JSON values, one a line; raises RecordError with the place and the line's number (from 1)."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise RecordError(f"{place}:{number}: {error}") from error
