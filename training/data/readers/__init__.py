"""The labelled training sources: for each its folder, its reader and what its segments are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from data.readers import (
    babi,
    chats,
    crd3,
    eraser,
    evidence_inference,
    fairytaleqa,
    friendsqa,
    hotpotqa,
    memorycode,
    molweni,
    openpi,
    policyqa,
    propara,
    qmsum,
    selqa,
    sgd,
    timeqa,
    woz2,
)
from data.record import Record

Kind = Literal["dialogue", "document", "state"]


@dataclass(frozen=True, slots=True)
class Source:
    folder: str
    read: Callable[[Path], Iterator[Record]]
    kind: Kind


REGISTRY: dict[str, Source] = {
    "friendsqa": Source("friendsqa", friendsqa.read, "dialogue"),
    "molweni": Source("molweni", molweni.read, "dialogue"),
    "qmsum": Source("qmsum", qmsum.read, "dialogue"),
    "fairytaleqa": Source("fairytaleqa", fairytaleqa.read, "document"),
    "multirc": Source("eraser_multirc_fever", eraser.read_multirc, "document"),
    "fever": Source("eraser_multirc_fever", eraser.read_fever, "document"),
    "selqa": Source("selqa", selqa.read, "document"),
    "timeqa": Source("timeqa", timeqa.read, "document"),
    "hotpotqa_500": Source("hotpotqa_500", hotpotqa.read, "document"),
    "policyqa": Source("policyqa", policyqa.read, "document"),
    "evidence_inference": Source("evidence_inference", evidence_inference.read, "document"),
    "crd3": Source("crd3", crd3.read, "dialogue"),
    "sgd": Source("sgd", sgd.read, "dialogue"),
    "woz2": Source("woz2", woz2.read, "dialogue"),
    "memorycode": Source("memorycode", memorycode.read, "dialogue"),
    "babi": Source("babi", babi.read, "state"),
    "openpi": Source("openpi", openpi.read, "state"),
    "propara": Source("propara", propara.read, "state"),
    "chats": Source(str(Path(__file__).parents[1] / "chats"), chats.read, "dialogue"),
}
