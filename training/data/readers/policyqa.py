"""PolicyQA: questions about privacy policies, answered in one or more of the policy's segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import squeeze


def read(folder: Path) -> Iterator[Record]:
    """One record a policy. A question asked of several segments is one query; of more than four, none."""
    archive = Archive(folder)
    for name in archive.names("data/*.json"):
        for policy in archive.json(name)["data"]:
            asked: dict[str, set[int]] = defaultdict(set)
            for index, paragraph in enumerate(policy["paragraphs"]):
                for qa in paragraph["qas"]:
                    asked[squeeze(qa["question"])].add(index)
            segments = [squeeze(paragraph["context"]) for paragraph in policy["paragraphs"]]
            queries = [Query(text, sorted(found)) for text, found in asked.items() if len(found) <= 4]
            yield Record(f"policyqa/{policy['title']}", segments, queries)
