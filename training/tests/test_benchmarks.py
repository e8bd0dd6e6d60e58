"""Readers of the benchmarks, on small files made here in the published schemas.

Of these sets only LoCoMo is at hand (test_data.py); REALTALK was read whole once. The rest was never seen by its
reader: what is tested is the schema as its owners document it.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from data.benchmarks import BENCHMARKS
from data.benchmarks.choices import CHOICES
from data.record import RecordError


def write_json(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def write_lines(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(name: str, path: Path) -> list:
    return [record.check() for record in BENCHMARKS[name](path)]


def test_locomo_by_path(tmp_path):
    turns = [{"speaker": "A", "dia_id": f"D1:{i}", "text": f"t{i}"} for i in (1, 2, 3)]
    qa = [{"question": "q", "answer": 7, "category": 1, "evidence": ["D1:1", "D1:3"]}]
    sample = {"sample_id": "c", "conversation": {"session_1_date_time": "day", "session_1": turns}, "qa": qa}
    path = write_json(tmp_path / "locomo10.json", [sample])
    (pairs,) = read("locomo", path)
    assert (pairs.segments, pairs.queries[0].evidence) == (["day\nA: t1\nA: t2", "day\nA: t3"], [0, 1])
    assert pairs.queries[0].type == "multi_hop"
    assert len(read("locomo_single", path)[0].segments) == 3


def test_realtalk(tmp_path):
    def turn(number: int, text: str, **more: str) -> dict:
        return {"clean_text": text, "speaker": "Kim", "dia_id": f"D2:{number}", "img_file": [], **more}

    chat = {
        "name": {"speaker_1": "Kim", "speaker_2": "Lee"},
        "session_2": [turn(1, "hi"), turn(2, " ", blip_caption="a red bike"), turn(4, "bye")],
        "session_2_date_time": "29.12.2023, 00:51:12",
        "events_session_2": {"Kim": []},
        "qa": [
            {"question": "What was it?", "answer": "a bike", "evidence": ["D2:2."], "category": 2},
            {"question": "unknown", "answer": "-", "evidence": ["D9:9"], "category": 3},
        ],
    }
    for name in ("Chat_10_A_B.json", "Chat_2_C_D.json"):
        write_json(tmp_path / name, chat)
    first, second = read("realtalk_turns", tmp_path)
    assert (first.id, second.id) == ("realtalk/Chat_2_C_D", "realtalk/Chat_10_A_B")
    assert first.segments == ["29.12.2023, 00:51:12\nKim: hi", "Kim: [photo: a red bike]", "Kim: bye"]
    assert [(q.evidence, q.type) for q in first.queries] == [([1], "temporal")]
    assert len(read("realtalk", tmp_path)[0].segments) == 2


def test_longmemeval(tmp_path):
    later = [{"role": "user", "content": "I moved to York.", "has_answer": True}]
    earlier = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi\nthere"}]
    item = {
        "question_id": "q1",
        "question_type": "knowledge-update",
        "question": "Where do I live?",
        "answer": "York",
        "question_date": "2023/05/30 (Tue) 23:40",
        "haystack_session_ids": ["b", "a"],
        "haystack_dates": ["2023/05/21 (Sun) 10:00", "2023/05/20 (Sat) 02:21"],
        "haystack_sessions": [later, earlier],
        "answer_session_ids": ["b"],
    }
    items = [item, item | {"question_id": "q2_abs"}, item | {"question_id": "q3", "haystack_sessions": [[], earlier]}]
    (record,) = read("longmemeval", write_json(tmp_path / "longmemeval_s.json", items))
    assert record.segments == [
        "2023/05/20 02:21\nUser: Hello",
        "Assistant: Hi there",
        "2023/05/21 10:00\nUser: I moved to York.",
    ]
    assert (record.queries[0].evidence, record.queries[0].type) == ([2], "knowledge-update")


def test_qasper(tmp_path):
    def answer(evidence: list[str], unanswerable: bool = False) -> dict:
        return {"answer": {"unanswerable": unanswerable, "evidence": evidence, "extractive_spans": []}}

    paper = {
        "title": "T",
        "abstract": "We try.",
        "full_text": [{"section_name": "One", "paragraphs": ["First  paragraph.", "", "Second."]}],
        "qas": [
            {"question": "Why?", "answers": [answer(["Second."]), answer(["First  paragraph.", "FLOAT SELECTED: x"])]},
            {"question": "None?", "answers": [answer(["Second."], unanswerable=True)]},
        ],
    }
    (record,) = read("qasper", write_json(tmp_path / "qasper.json", {"1909.1": paper}))
    assert record.segments == ["We try.", "First paragraph.", "Second."]
    assert [q.evidence for q in record.queries] == [[1, 2]]


def test_peerqa(tmp_path):
    def sentence(idx: int, pidx: int, content: str, paper: str = "egu/1") -> dict:
        return {"idx": idx, "pidx": pidx, "sidx": 0, "type": "text", "content": content, "paper_id": paper}

    papers = [sentence(2, 5, "C."), sentence(0, 0, "A."), sentence(1, 5, "B."), sentence(0, 0, "Z.", "other")]
    asked = {"paper_id": "egu/1", "question_id": "q", "question": "Why?", "answer_free_form": None}
    mapped = [{"sentence": "B.", "idx": [1, None]}, {"sentence": "C.", "idx": [2]}]
    write_lines(tmp_path / "papers.jsonl", papers)
    write_lines(tmp_path / "qa.jsonl", [asked | {"answer_evidence_mapped": m} for m in (mapped, None)])
    record, other = read("peerqa", tmp_path)
    assert (record.segments, [q.evidence for q in record.queries]) == (["A.", "B. C."], [[1]])
    assert other.queries == []


def test_covidqa_finds_the_passages_of_an_answer(tmp_path):
    context = "".join(f"Sentence number {i} says  little about item{i}.\n" for i in range(60))

    def qa(text: str) -> dict:
        return {"question": f"{text}?", "is_impossible": False, "answers": [{"text": text, "answer_start": context.index(text)}]}

    across = context[context.index("item13") : context.index("item15") + 6]
    paragraph = {"context": context, "document_id": 630, "qas": [qa("item31"), qa(across)]}
    (record,) = read("covidqa", write_json(tmp_path / "COVID-QA.json", {"data": [{"paragraphs": [paragraph]}]}))
    assert len(record.segments) == 5
    for query, named in zip(record.queries, (["item31."], ["item13.", "item14.", "item15."]), strict=True):
        holding = [i for i, s in enumerate(record.segments) if any(name in s for name in named)]
        assert query.evidence == holding


@pytest.mark.parametrize("name", ["mldr", "esg_reports", "covidqa"])
def test_lmeb_layout(tmp_path, name):
    write_lines(tmp_path / "corpus.jsonl", [{"id": f"d{i}", "title": "T" * (i == 0), "text": f"text {i}"} for i in range(5)])
    asked = [{"id": "en_1_0", "text": "one?"}, {"id": "en_1_1", "text": "two?"}, {"id": "own", "text": "three?"}]
    write_lines(tmp_path / "queries.jsonl", [*asked, {"id": "nowhere_1", "text": "four?"}])
    (tmp_path / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nen_1_0\td0\t1\nen_1_1\td1\t1\nen_1_1\td0\t0\nown\td4\t1\nown\td3\t1\n"
    )
    scenes = [{"scene_id": "en_1", "candidate_doc_ids": ["d1", "d0"]}, {"scene_id": "own", "candidate_doc_ids": ["d4", "d3"]}]
    write_lines(tmp_path / "candidates.jsonl", scenes)
    first, second = read(name, tmp_path)
    assert first.segments == ["text 1", "T text 0"]
    assert [q.evidence for q in first.queries] == [[1], [0]]
    assert [q.evidence for q in second.queries] == [[0, 1]]
    (tmp_path / "candidates.jsonl").unlink()
    (whole,) = read(name, tmp_path)
    assert len(whole.segments) == 5 and len(whole.queries) == 3


def test_a_broken_benchmark_is_named(tmp_path):
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(RecordError, match=r"x\.json"):
        read("longmemeval", tmp_path / "x.json")


def test_personamem(tmp_path):
    history = [
        {"role": "system", "content": "Current user persona: secret"},
        {"role": "user", "content": "User: I like tea."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "later"},
    ]
    (tmp_path / "shared_contexts_32k.jsonl").write_text(json.dumps({"ctx": history}) + "\n")
    row = {
        "persona_id": 0,
        "question_id": "q1",
        "question_type": "recall_user_shared_facts",
        "topic": "food",
        "user_question_or_message": "What do I\nlike?",
        "correct_answer": "(b)",
        "all_options": "['(a) Coffee', \"(b) It's tea\"]",
        "shared_context_id": "ctx",
        "end_index_in_shared_context": 3,
    }
    with open(tmp_path / "questions_32k.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    (choice,) = CHOICES["personamem"](tmp_path)
    assert choice.segments == ["User: I like tea.", "Assistant: Noted."]
    assert (choice.options, choice.answer) == ({"a": "Coffee", "b": "It's tea"}, "b")
    assert choice.question == "What do I like?"


def test_persona_mme(tmp_path):
    turn = {"time": "2024-09-23 20:08 (Mon)", "user": "<img> Look at that!", "assistant": "A kite."}
    item = {
        "data_path": "./data/Persona-MME/samples/50/0/user_data.json",
        "type": "Memory Recall",
        "question_type": "Visual Detail Recall",
        "time": "2024-09-24 08:00 (Tue)",
        "query": "What was it?",
        "choices": {"(a)": "A kite.", "(b)": "A dog."},
        "answer": "(a)",
    }
    write_json(tmp_path / "Persona-MME.json", [item])
    write_json(tmp_path / "samples/50/0/user_data.json", {"profile": {}, "imgs": [], "sessions": [[turn], []]})
    (choice,) = CHOICES["persona_mme"](tmp_path)
    assert choice.segments == ["2024-09-23 20:08\nUser: [photo] Look at that!\nAssistant: A kite."]
    assert (choice.question, choice.answer) == ("2024-09-24 08:00\nWhat was it?", "a")
    assert choice.options == {"a": "A kite.", "b": "A dog."}
