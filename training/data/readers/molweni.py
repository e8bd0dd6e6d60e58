"""Molweni: questions about multi-party Ubuntu chats; only those that have an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.archive import Archive
from data.record import Query, Record
from data.text import detokenize, says


def read(folder: Path) -> Iterator[Record]:
    """One record a chat. Chats that share turns are one document: they were cut from the same log.

    Answers are offsets into a context that renders the turns in order.
    """
    archive = Archive(folder)
    chats = archive.json(archive.name("MRC*/test.json"))["data"]["dialogues"]
    for number, (chat, log) in enumerate(zip(chats, _logs(chats), strict=True)):
        starts, position = [], 0
        for turn in chat["edus"]:
            starts.append(position)
            position += len(f"{turn['speaker']}: {turn['text']} ")
        segments = [says(turn["speaker"], detokenize(turn["text"]) or "...") for turn in chat["edus"]]
        queries = []
        for qa in chat["qas"]:
            if qa["is_impossible"] or not qa["answers"]:
                continue
            answer = qa["answers"][0]
            index = max(i for i, start in enumerate(starts) if start <= answer["answer_start"])
            if answer["text"].lower() in f"{chat['edus'][index]['speaker']}: {chat['edus'][index]['text']}".lower():
                queries.append(Query(detokenize(qa["question"]), [index], detokenize(answer["text"])))
        yield Record(f"molweni/{log}#{number}", segments, queries)


def _logs(chats: list[dict[str, Any]]) -> list[int]:
    """For each chat the number of the first one that it shares a turn with, directly or through others."""
    log = list(range(len(chats)))
    seen: dict[tuple[str, str], int] = {}
    for number, chat in enumerate(chats):
        for turn in chat["edus"]:
            key = turn["speaker"], turn["text"]
            other = log[seen.setdefault(key, number)]
            joined = max(other, log[number])
            log = [min(other, log[number]) if name == joined else name for name in log]
    return log
