"""The evaluation on a tiny model: every system side by side, what is taken away, and the figures' intervals."""

from __future__ import annotations

import json
import random
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import evaluate
from batch import collate
from checkpoint import load_model
from controls import REACH, ControlLosses, Controls
from data.record import Query, Record, write_records
from data.templates import generate
from encoding import Reader
from evaluation.ablated import limit_queue, without_recurrence
from evaluation.encoded import Texts
from evaluation.intervals import interval
from evaluation.late_chunking import late_chunks, windows
from evaluation.length import extended
from evaluation.measured import run
from evaluation.steps import step_study
from evaluation.summary import describe
from evaluation.systems import LateChunking, Lexical, Ordered, Static
from lexical import LexicalIndex
from metrics import evidence_ranks
from model import QUERY
from report import write_report
from reranker import Reranker
from retrieval import MODES, WITHOUT_MEMORY, Retrieval
from tiny_model import tiny_model, tiny_tokenizer, write


def exact(device: torch.device) -> nullcontext:
    return nullcontext()


@pytest.fixture(scope="module")
def reader() -> Reader:
    tokenizer = tiny_tokenizer()
    return Reader(tiny_model(len(tokenizer)), tokenizer)


@pytest.fixture(scope="module")
def texts(reader: Reader) -> Texts:
    return Texts(reader, exact, memory=True)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [generate(random.Random(seed), length, []) for seed, length in ((4, 20), (5, 44), (6, 20))]


# Scores


def test_records_read_together_score_as_read_alone(texts, records) -> None:
    together = list(Retrieval(texts).scores(records))
    for record, told in zip(records, together, strict=True):
        (alone,) = Retrieval(texts).scores([record])
        assert set(told) == set(MODES)
        for mode in MODES:
            assert told[mode].shape == (len(record.queries), len(record.segments))
            np.testing.assert_allclose(told[mode], alone[mode], atol=3e-3)  # latents round to f16


def test_the_best_are_reordered_by_late_interaction_and_the_rest_stay_behind(texts) -> None:
    record = generate(random.Random(7), 60, [])
    modes = ("static", "late interaction", "evolved vectors", "evolved")
    retrieval = Retrieval(texts, modes=modes)
    told = []
    for weight in (0.0, 50.0):
        retrieval.config = replace(retrieval.config, late_weight=weight)
        told += retrieval.scores([record])
    plain, moved = told
    N = texts.reader.config.rerank_candidates
    assert len(record.segments) > N
    for row, before in zip(moved["evolved"], plain["evolved vectors"], strict=True):
        best = set(np.argsort(-before)[:N].tolist())
        assert set(np.argsort(-row)[:N].tolist()) == best
        rest = [i for i in range(len(row)) if i not in best]
        np.testing.assert_array_equal(np.argsort(-row[rest]), np.argsort(-before[rest]))
    same = [np.argsort(-a).tolist() == np.argsort(-b).tolist() for a, b in zip(plain["evolved"], plain["evolved vectors"])]
    assert all(same)


def test_the_reranker_is_trusted_by_reliance_from_its_floor_on(texts, monkeypatch) -> None:
    record = generate(random.Random(7), 60, [])
    retrieval = Retrieval(texts, modes=("hybrid reranked", WITHOUT_MEMORY))
    reranker, trusted = retrieval.head.reranker, []

    def reranked(*inputs: torch.Tensor) -> torch.Tensor:
        trusted.append(inputs[7])
        return Reranker.forward(reranker, *inputs)

    monkeypatch.setattr(reranker, "forward", reranked)
    for floor in (0.4, 1.0):
        retrieval.config = replace(retrieval.config, rerank_floor=floor)
        list(retrieval.scores([record]))
    (trust, alone), (whole, always) = trusted[:2], trusted[2:]
    assert (alone == 0.4).all() and (whole == 1).all() and (always == 1).all()
    assert 0.4 < trust.min() < trust.max() < 1


@torch.no_grad()
def test_evolved_scores_are_the_models(reader, texts, records) -> None:
    record, head = records[1], reader.model.head
    static, rows = reader.read(record.segments + [q.text for q in record.queries])
    T = len(record.segments)
    pushed = head.push(head.read_memory(rows[None, :T]), static[None, :T])
    embeddings = head.embed_sequence(static[None, :T], pushed)[0]
    asked = static[None, T:]
    queries, _ = head.rely(head.embed(asked, QUERY, torch.full(asked.shape[:2], T), pushed)[0])
    (told,) = Retrieval(texts, modes=("evolved vectors",)).scores([record])
    np.testing.assert_allclose(told["evolved vectors"], (queries @ embeddings.T).numpy(), atol=1e-4)


def test_ranks_break_ties_for_the_newer() -> None:
    assert evidence_ranks(np.array([0.5, 0.9, 0.5, 0.1]), [0, 1, 2, 3]).tolist() == [2, 0, 1, 3]


def test_texts_are_kept_between_runs_and_only_for_the_same_weights(records, tmp_path, monkeypatch) -> None:
    tokenizer = tiny_tokenizer()
    model = tiny_model(len(tokenizer))
    first = Texts(Reader(model, tokenizer), exact, memory=True, cache=tmp_path).read(records)
    monkeypatch.setattr(Texts, "_read", lambda *_: pytest.fail("was read again"))
    again = Texts(Reader(model, tokenizer), exact, memory=True, cache=tmp_path).read(records)
    torch.testing.assert_close(again.static(records[0].segments), first.static(records[0].segments))
    with torch.no_grad():
        model.encoder.embeddings.word_embeddings.weight[5] += 1
    with pytest.raises(pytest.fail.Exception):
        Texts(Reader(model, tokenizer), exact, memory=True, cache=tmp_path).read(records)


def test_texts_read_before_are_not_read_again(reader, records, monkeypatch) -> None:
    seen: list[str] = []
    read = Texts._read
    monkeypatch.setattr(Texts, "_read", lambda self, texts: seen.extend(texts) or read(self, texts))
    texts = Texts(reader, exact, memory=True)
    texts.read(records[:2])
    known = set(seen)
    both = texts.read([records[1], Record("more", ["a new line"])])
    assert seen[len(known) :] == ["a new line"]
    alone = Texts(reader, exact, memory=True).read_texts(["a new line", *records[1].segments])
    for told in ("static", "rows"):
        for text in ("a new line", records[1].segments[3]):
            torch.testing.assert_close(getattr(both, told)([text]), getattr(alone, told)([text]), atol=5e-3, rtol=1e-3)


# What is taken away


def head_vectors(head, rows, static):
    pushed = head.push(head.read_memory(rows[None]), static[None])
    return head.embed_sequence(static[None], pushed)[0]


def altered(rows, segment: int):
    rows = rows.clone()
    rows[segment] = torch.randn(rows.shape[1:], generator=torch.Generator().manual_seed(segment))
    return rows


@torch.no_grad()
def test_without_memory_a_vector_depends_on_its_own_text_alone(reader, records) -> None:
    static, rows = reader.read(records[0].segments)
    changed = altered(rows, 3)
    for head, same in (
        (reader.model.head, False),
        (without_recurrence(reader.model.head), False),
        (limit_queue(reader.model.head, 1), False),
        (limit_queue(reader.model.head, 0), True),
    ):
        before, after = (head_vectors(head, r, static)[4] for r in (rows, changed))
        assert torch.allclose(before, after) == same
    d = reader.config.d
    assert head_vectors(limit_queue(reader.model.head, 0), rows, static)[:, d : 2 * d].abs().max() == 0


@torch.no_grad()
def test_a_queue_of_two_forgets_the_third_last(reader, records) -> None:
    static, rows = reader.read(records[0].segments)
    head = without_recurrence(limit_queue(reader.model.head, 2))
    vectors = head_vectors(head, rows, static)
    for changed_at, same in ((8, False), (7, True)):
        changed = altered(rows, changed_at)
        assert torch.allclose(head_vectors(head, changed, static)[10], vectors[10]) == same


# Controls


def test_controls_learn_order_and_neighbours(reader) -> None:
    """First and last of segments that are all alike; and a reply that only its neighbour tells of."""
    torch.manual_seed(0)
    controls = Controls(reader.config.d)
    losses = ControlLosses(controls, reader, exact)
    rng = random.Random(0)
    alike = Record("a", ["the same words"] * 8, [Query("which was first", [0]), Query("which is the latest", [7])])
    names = ["the garage", "the kitchen", "a river", "the cello", "the school", "my sister", "the dog", "a train"]
    pairs = [line for name in names for line in (f"{name}?", "no.")]
    reply = Record("b", pairs, [Query(f"{name}?", [2 * i + 1]) for i, name in enumerate(names)])
    batch = collate([alike, reply], rng)
    optimiser = torch.optim.Adam(controls.parameters(), lr=0.02)
    history = []
    for _ in range(100):
        loss, told = losses(batch, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(told)
    assert history[-1]["loss clock"] < 0.8 * history[0]["loss clock"]
    assert history[-1]["loss neighbours"] < 0.8 * history[0]["loss neighbours"]
    system = Ordered(controls, Texts(reader, exact))
    (scores,) = system.scores([alike])
    assert scores["control: clock"].argmax(1).tolist() == [0, 7]


def test_neighbours_come_from_before_only() -> None:
    neighbours = Controls(4).neighbours
    segments = F.normalize(torch.randn(1, 12, 4), dim=-1)
    mixed = neighbours(segments)
    expected = segments[0, 9] + sum(neighbours.shares[i] * segments[0, 8 - i] for i in range(REACH))
    torch.testing.assert_close(mixed[0, 9], F.normalize(expected, dim=-1))
    torch.testing.assert_close(mixed[0, 0], segments[0, 0])
    torch.testing.assert_close(neighbours(segments[:, :1]), segments[:, :1])


# Late chunking


def test_windows_pool_every_segment_once_with_context_before_it() -> None:
    tokens = [[100 + i] * (3 + i % 4) for i in range(30)] + [[7] * 50]
    cut = windows(tokens, 24, 1, 2)
    assert [span[0] for window in cut for span in window.spans] == list(range(31))
    for window in cut:
        assert len(window.ids) <= 24 and window.ids[0] == 1 and window.ids[-1] == 2
        for segment, first, stop in window.spans:
            assert window.ids[first:stop] == tokens[segment][:22]
    assert all(window.spans[0][1] > 1 for window in cut[1:-1])


def test_late_chunks_of_one_segment_are_its_tokens_mean(texts, reader) -> None:
    (vectors,) = late_chunks(texts, [Record("a", ["The garage is empty."])])
    ids = torch.tensor([reader.tokenizer("The garage is empty.")["input_ids"]])
    with torch.no_grad():
        states = reader.model.token_states(ids, torch.ones_like(ids))[0]
    torch.testing.assert_close(vectors[0], states[1:-1].mean(0), atol=1e-5, rtol=1e-4)


# Figures


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(120):
        low, high = interval(rng.normal(0.3, 1, 40), trial)
        covered += low <= 0.3 <= high
    assert 0.88 <= covered / 120 < 1


def test_whole_conversations_widen_the_interval_of_what_they_share() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=10), 50)
    low, high = interval(values, 0)
    wide_low, wide_high = interval(values, 0, np.repeat(np.arange(10), 50))
    assert wide_high - wide_low > 3 * (high - low)


def test_systems_stand_side_by_side_paired_by_query(texts, records) -> None:
    systems = [Lexical(), Static("plain", texts), LateChunking(texts), Retrieval(texts)]
    measured = run(records, systems, lambda name: name == "plain", 0.35)
    count = sum(len(record.queries) for record in records)
    assert set(measured.figures) == {"BM25", "BM25 in context", "plain", "plain + BM25", "late chunking", *MODES}
    np.testing.assert_allclose(measured.figures["plain"]["recall@5"], measured.figures["static"]["recall@5"])
    assert all(len(told["mrr"]) == count for told in measured.figures.values())
    by_hand = LexicalIndex(records[0].segments).scores(records[0].queries[0].text)
    assert measured.evidence_rank["BM25"][0] == evidence_ranks(by_hand, records[0].queries[0].evidence)[0]
    second = measured.where(measured.records == 1)
    assert len(second.types) == len(records[1].queries)
    assert len(second.evidence_query) == len(second.evidence_age) == len(second.evidence_rank["BM25"])
    found = measured.difference("evolved", ["plain", "BM25"], "recall@10", seed=0)
    best = max(measured.figures[name]["recall@10"].mean() for name in ("plain", "BM25"))
    assert found["difference"][0] == pytest.approx(measured.figures["evolved"]["recall@10"].mean() - best)
    assert found["difference"][1] <= found["difference"][0] <= found["difference"][2]
    assert sum(row["evidence"] for row in measured.by_age("BM25", [4, 8])) == len(measured.evidence_age)


def test_the_command_evaluates_a_model_folder_as_it_ships(records, tmp_path, monkeypatch, capsys) -> None:
    folder, results = tmp_path / "model", tmp_path / "results.json"
    write(folder)
    write_records(tmp_path / "chats.jsonl", records)
    model, tokenizer = load_model(folder)
    monkeypatch.setattr(evaluate, "published", lambda: (model, tokenizer))
    arguments = ["--model", folder, "--file", tmp_path / "chats.jsonl", "--exact", "--ablations", "--json", results]
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *map(str, arguments)])
    evaluate.main()
    told = json.loads(results.read_text())
    (chats,) = told["sets"].values()
    assert told["run"]["seed"] == 1 and told["run"]["command"].startswith("python evaluate.py --model")
    ablated = {"evolved vectors, memory off", "evolved, reach 0", "hybrid reranked, no memory"}
    assert {"BM25", "late chunking + BM25", "hybrid reranked", *ablated} <= set(chats["systems"])
    for figures in chats["systems"].values():
        mean, low, high = figures["recall@10"]
        assert 0 <= low <= mean <= high <= 1
    assert chats["differences"]["hybrid"]["recall@10"]["against"] in chats["systems"]
    assert "chats: " in capsys.readouterr().out


# Studies and the report


def test_extended_records_keep_their_questions_evidence(records) -> None:
    background = [Record("b", [f"small talk {i}" for i in range(7)])]
    for seed in range(20):
        long, start = extended(records[0], background, 60, random.Random(seed))
        assert len(long.segments) == 60
        assert long.segments[start : start + len(records[0].segments)] == records[0].segments
        for query, original in zip(long.queries, records[0].queries, strict=True):
            assert [long.segments[e] for e in query.evidence] == [records[0].segments[e] for e in original.evidence]


def test_steps_tell_a_clock_from_small_talk() -> None:
    """A memory that adds the step to all and 1 to what competes."""

    class Clocklike:
        def scores(self, records):
            for record in records:
                row = np.arange(len(record.segments)) / len(record.segments)
                row[record.queries[0].among] += 1
                yield {"evolved vectors": row[None], "static": np.zeros((1, len(row)))}

    record = Record("a", ["x"] * 300, [Query("q", [10], type="first", among=[10, 290])])
    told = step_study(Clocklike(), [record, Record("short", ["x"] * 50, record.queries)])
    assert told["conversations"] == 1
    line = told["kinds"]["first"]
    assert line["all"] == sorted(line["all"]) and line["all"][-1] > 0.9
    assert line["among"][0] == pytest.approx(1 + 10 / 300) and line["among"][5] is None


def test_the_report_fills_its_template_with_what_was_measured(texts, records, tmp_path) -> None:
    systems = [Lexical(), Static("control: static", texts), Retrieval(texts)]
    measured = run(records, systems, lambda name: name.startswith("control"), 0.35)
    results = {"run": {"command": "python x", "commit": "c", "seed": 1, "device": "cpu", "seconds": 2.0}}
    results["sets"] = {"locomo_turns": describe(measured, 1)}
    study = {"segments": 1000, "threads": 2, "runs": {"static": [4], "evolved": [5]}}
    study |= {"static": {"seconds": 4.0, "MiB": 10}, "evolved": {"seconds": 5.0, "MiB": 20}}
    results["studies"] = {"cost": study}
    page = tmp_path / "page.md"
    (tmp_path / "page.template.md").write_text(
        "Prose.\n\n{{run}}\n\n{{systems locomo_turns}}\n\n{{systems none}}\n\n{{plot age}}\n\n{{cost}}\n"
    )
    write_report([results], page)
    text = page.read_text()
    mean, low, high = (100 * x for x in results["sets"]["locomo_turns"]["systems"]["evolved"]["recall@10"])
    row = next(line for line in text.split("\n") if line.startswith("| **evolved** "))
    assert f"{mean:.1f} ({low:.1f}–{high:.1f})" in row
    assert "    python x" in text and "*Not run.*" in text and "1.25 times" in text
    with pytest.raises(ValueError, match="measured by two runs: locomo_turns"):
        write_report([results, results], page)
    assert "![age](page/age.svg)" in text and (tmp_path / "page" / "age.svg").read_text().startswith("<?xml")


def test_every_place_of_the_models_page_has_a_table(tmp_path) -> None:
    template = Path(__file__).parents[2] / "docs" / "model.template.md"
    (tmp_path / "model.template.md").write_text(template.read_text())
    run_of = {"command": "python x", "commit": "c", "seed": 1, "device": "cpu", "seconds": 2.0}
    write_report([{"run": run_of, "sets": {}, "studies": {}}], tmp_path / "model.md")
    assert "{{" not in (tmp_path / "model.md").read_text()
