"""QASPER, PeerQA, COVID-QA and sets in LMEB's layout (MLDR, ESG-Reports): passages of a document, and questions."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.benchmarks.files import read_json, read_lines
from data.record import Query, Record
from data.text import passages, squeeze

PASSAGE_WORDS = 100


def qasper(path: Path) -> Iterator[Record]:
    """qasper-dev-v0.3.json and its like (allenai.org/data/qasper): whole papers, paragraphs as segments.

    Evidence is what any annotator marked, without figures and tables; unanswerable questions are left out.
    """
    for name, paper in read_json(path).items():
        paragraphs = [paper.get("abstract") or ""]
        paragraphs += [p for section in paper["full_text"] for p in section["paragraphs"]]
        segments = list(dict.fromkeys(s for p in paragraphs if (s := squeeze(p))))
        place = {text: i for i, text in enumerate(segments)}
        queries = []
        for qa in paper["qas"]:
            answers = [a["answer"] for a in qa["answers"] if not a["answer"]["unanswerable"]]
            marked = {squeeze(e) for answer in answers for e in answer["evidence"]}
            evidence = sorted(place[text] for text in marked if text in place)
            if evidence:
                queries.append(Query(squeeze(qa["question"]), evidence))
        yield Record(f"qasper/{name}", segments, queries)


def peerqa(folder: Path) -> Iterator[Record]:
    """papers.jsonl and qa.jsonl (github.com/UKPLab/PeerQA): paragraphs as segments."""
    papers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for sentence in read_lines(folder / "papers.jsonl"):
        papers[sentence["paper_id"]].append(sentence)
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for qa in read_lines(folder / "qa.jsonl"):
        asked[qa["paper_id"]].append(qa)
    for name, sentences in papers.items():
        paragraphs: dict[int, list[str]] = {}
        of_sentence = {}
        for sentence in sorted(sentences, key=lambda s: s["idx"]):
            paragraphs.setdefault(sentence["pidx"], []).append(sentence["content"])
            of_sentence[sentence["idx"]] = sentence["pidx"]
        texts = {number: text for number, parts in paragraphs.items() if (text := squeeze(" ".join(parts)))}
        place = {number: i for i, number in enumerate(texts)}
        queries = []
        for qa in asked[name]:
            named = [i for mapped in qa.get("answer_evidence_mapped") or [] for i in mapped["idx"] or []]
            evidence = sorted({place[n] for i in named if (n := of_sentence.get(i)) in place})
            if evidence:
                queries.append(Query(squeeze(qa["question"]), evidence, qa.get("answer_free_form") or None))
        yield Record(f"peerqa/{name}", list(texts.values()), queries)


def covidqa(path: Path) -> Iterator[Record]:
    """COVID-QA.json (github.com/deepset-ai/COVID-QA), in SQuAD's format with whole articles as contexts.

    Segments are passages of about PASSAGE_WORDS words; evidence is each that holds a part of the answer.
    """
    if path.is_dir():
        yield from lmeb(path)
        return
    for article in read_json(path)["data"]:
        for paragraph in article["paragraphs"]:
            segments = passages(paragraph["context"], PASSAGE_WORDS)
            starts, at = [], 0
            for segment in segments:
                starts.append(at)
                at += len("".join(segment.split()))
            queries = []
            for qa in paragraph["qas"]:
                if not qa.get("is_impossible") and qa["answers"]:
                    answer = qa["answers"][0]
                    evidence = _spanned(paragraph["context"], starts, answer["answer_start"], answer["text"])
                    queries.append(Query(squeeze(qa["question"]), evidence, squeeze(answer["text"])))
            yield Record(f"covidqa/{paragraph.get('document_id', len(segments))}", segments, queries)


def _spanned(context: str, starts: list[int], start: int, answer: str) -> list[int]:
    """The passages that an answer touches; starts: of each, in characters that are no white space."""
    first = len("".join(context[:start].split()))
    last = first + len("".join(answer.split())) - 1
    ends = [*starts[1:], last + 1]
    return [i for i, (begin, end) in enumerate(zip(starts, ends, strict=True)) if begin <= last and first < end]


def lmeb(folder: Path) -> Iterator[Record]:
    """A set in the layout of LMEB (huggingface.co/datasets/KaLM-Embedding/LMEB).

    One record for all queries with the same candidates, which are its segments in their order; a query's candidates
    go by its own id, else by the id's first two parts. Without candidates.jsonl the whole corpus is one record.
    """
    corpus = {
        str(d["id"]): squeeze(f"{d.get('title') or ''} {d.get('text') or ''}")
        for d in read_lines(folder / "corpus.jsonl")
    }
    relevant: dict[str, list[str]] = defaultdict(list)
    with open(folder / "qrels.tsv", encoding="utf-8", newline="") as file:
        for query, document, score in csv.reader(file, delimiter="\t"):
            if score.isdigit() and int(score) > 0:
                relevant[query].append(document)
    scenes: dict[str, tuple[str, ...]] = {}
    if (folder / "candidates.jsonl").exists():
        for scene in read_lines(folder / "candidates.jsonl"):
            scenes[str(scene["scene_id"])] = tuple(map(str, scene["candidate_doc_ids"]))
    whole = tuple(corpus)
    together: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for query in read_lines(folder / "queries.jsonl"):
        name = str(query["id"])
        candidates = scenes.get(name, scenes.get("_".join(name.split("_")[:2]))) if scenes else whole
        if candidates:
            together[candidates].append(query)
    for number, (candidates, queries) in enumerate(together.items()):
        kept = [name for name in candidates if corpus.get(name)]
        place = {name: i for i, name in enumerate(kept)}
        asked = [
            Query(squeeze(query["text"]), evidence)
            for query in queries
            if (evidence := sorted({place[d] for d in relevant[str(query["id"])] if d in place}))
        ]
        yield Record(f"{folder.name}/{number}", [corpus[name] for name in kept], asked)
