"""Molweni: questions about multi-party Ubuntu chats; only those that have an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.archive import Archive
from data.record import Query, Record
from data.text import detokenize, says


def read(folder: Path) -> Iterator[Record]:
    """One record a chat. Answers are offsets into a context that renders the turns in order."""
    archive = Archive(folder)
    for number, chat in enumerate(archive.json(archive.name("MRC*/test.json"))["data"]["dialogues"]):
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
        yield Record(f"molweni/{number}", segments, queries)
