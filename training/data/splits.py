"""Which split a document belongs to: a hash of its name decides, so that it never changes."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "dev"]
SPLITS: tuple[Split, ...] = ("train", "dev")
DEV_PERCENT = 8


def document_of(record_id: str) -> str:
    """Records of one document share their id up to the first `#`."""
    return record_id.split("#", 1)[0]


def split_of(record_id: str) -> Split:
    digest = hashlib.sha1(document_of(record_id).encode("utf-8"), usedforsecurity=False).digest()
    return "dev" if int.from_bytes(digest[:4], "big") % 100 < DEV_PERCENT else "train"
