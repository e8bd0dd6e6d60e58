"""Finished samples, their verification, the reference's format, and queries written by an endpoint."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from data import reference, samples, written
from data.endpoint import Endpoint, EndpointError
from data.leakage import Leakage
from data.record import Query, Record, RecordError, read_records, write_records
from data.samples import Sampler, fit, interleave, write_samples
from data.verification import Verifier, normalised, supported
from data.written import Writer, write_all

TOWN = Record(
    "town",
    [
        "Ann: The baker on our square sells rye bread.",
        "Bob: I never eat bread, it broke in May.",
        "Ann: The mill was built in eighteen steps.",
        "Bob: The oven broke in May, says Ann.",
    ],
)


def checked(*queries: Query, ordered: bool = False) -> tuple[list[str], dict[str, int]]:
    verifier = Verifier()
    record = verifier.clean(Record("r", TOWN.segments, list(queries)), ordered)
    return [query.text for query in record.queries], dict(verifier.dropped)


# Verification


def test_answers_are_found_whatever_their_spelling():
    assert normalised("The Twelve \u201cＡpples\u201d!") == ["12", "apples"]
    assert supported("18 steps", ["The mill was built in eighteen steps."])
    assert supported("sold rye breads", ["sells rye bread"])
    assert supported("a rocket", ["sells rye bread"]) is False
    assert supported("yes", ["sells rye bread"]) is None


def test_what_the_evidence_does_not_say_is_dropped():
    right, wrong = Query("What does the baker sell?", [0], "rye bread"), Query("Who sells?", [2], "rye bread")
    assert checked(right, wrong) == ([right.text], {"unsupported": 1})


def test_what_another_segment_answers_as_well_is_dropped():
    query = Query("When did the oven break?", [1], "in May")
    assert checked(query) == ([], {"elsewhere": 1})
    assert checked(Query(query.text, [1], "in May", among=[1, 3])) == ([query.text], {})
    assert checked(Query(query.text, [1, 3], "in May")) == ([query.text], {})
    assert checked(query, ordered=True) == ([query.text], {})


def test_a_segment_that_stands_twice_is_no_evidence():
    record = Record("r", ["Ann: Yes, please.", "Bob: yes please", "Ann: Yes please!"], [Query("Tea?", [0])])
    verifier = Verifier()
    assert verifier.clean(record).queries == [] and verifier.dropped == {"duplicate": 1}


def test_similarity_sees_what_words_do_not():
    record = Record("r", ["Ann: He felt ill in May.", "Bob: Sick since May, poor man."], [])
    query = Query("When was he ill?", [0], "May")
    record.queries = [query]
    assert Verifier().clean(record).queries == [query]
    assert Verifier(lambda question, texts: [0.5, 0.6]).clean(record).queries == []


# Samples


def tagged(name: str, size: int) -> Record:
    segments = [f"S: <{name}/{i}>" for i in range(size)]
    return Record(name, segments, [Query(f"<{name}/{i}>", [i], among=[i, size - 1]) for i in range(0, size, 5)])


def assert_evidence_follows(record: Record) -> None:
    for query in record.check().queries:
        assert [record.segments[i] for i in query.evidence] == [f"S: {query.text}"]
        assert set(query.evidence) <= set(query.among)


def test_fragments_keep_the_order_of_each_source():
    record = interleave(random.Random(1), [tagged("a", 40), tagged("b", 25)])
    assert_evidence_follows(record)
    for name, size in (("a", 40), ("b", 25)):
        own = [text for text in record.segments if f"<{name}/" in text]
        assert own == tagged(name, size).segments
    changes = sum(a[4] != b[4] for a, b in zip(record.segments, record.segments[1:], strict=False))
    assert changes >= 3


@pytest.mark.parametrize(("size", "tokens"), [(300, 1), (200, 100), (256, 40)])
def test_samples_keep_the_limits(size, tokens):
    record = tagged("a", size)
    for query in record.queries:
        query.among = query.evidence
    small = fit(random.Random(2), record, lambda text: tokens)
    assert len(small.segments) <= 256 and len(small.segments) * tokens <= 12_000
    assert len(small.segments) == 256 or (len(small.segments) + 1) * tokens > 12_000
    assert small.queries
    assert_evidence_follows(small)


@pytest.fixture
def built(tmp_path) -> Path:
    """Small sources of every kind, whose answers stand in their segments."""
    for split in ("train", "dev"):
        for source, count in (("fairytaleqa", 12), ("timeqa", 12), ("friendsqa", 12), ("sgd", 6), ("babi", 6)):
            for kind, record in ((source, source_record(source, split, i)) for i in range(count)):
                with open(tmp_path / f"{kind}.{split}.jsonl", "a", encoding="utf-8") as out:
                    out.write(record.to_json() + "\n")
    return tmp_path


def source_record(source: str, split: str, number: int) -> Record:
    rng = random.Random(f"{source}/{split}/{number}")
    words = [f"{source[:2]}{number}w{rng.randrange(10_000)}" for _ in range(20)]
    segments = [f"S: in {word} there lives {word}x under {number} stars." for word in words]
    queries = [Query(f"Who lives in {words[i]}?", [i], f"{words[i]}x") for i in range(0, 20, 3)]
    queries.append(Query("Who lives nowhere?", [1], "nobody at all"))
    return Record(f"{source}/{split}/{number}", segments, queries)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_samples_are_the_same_again_and_resume(built, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "SHARD", 10)
    monkeypatch.setattr(samples, "LENGTHS", (16, 32))
    out, again = tmp_path / "out", tmp_path / "again"
    sheet = write_samples(built, out, 25, 3, Verifier())
    whole = contents(out)
    assert [name for name in whole if name.endswith(".jsonl")] == [
        "dev-00000.jsonl",
        *(f"train-0000{i}.jsonl" for i in range(3)),
    ]
    draw, drawn, stops_at = Sampler.draw, [], 14

    def interrupted(self, rng, name):
        if len(drawn) == stops_at:
            raise KeyboardInterrupt
        drawn.append(name)
        return draw(self, rng, name)

    monkeypatch.setattr(Sampler, "draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_samples(built, again, 25, 3, Verifier())
    assert (again / "train-00000.jsonl").exists() and not (again / "train-00001.jsonl").exists()
    drawn, stops_at = [], None
    write_samples(built, again, 25, 3, Verifier())
    assert drawn == [*map(str, range(10, 25)), "0", "1"]
    assert contents(again) == whole
    with pytest.raises(ValueError, match="not of"):
        write_samples(built, out, 25, 4, Verifier())

    train = sheet["samples"]["train"]
    assert train["samples"] == 25 == sum(train["by_context"].values()) == sum(train["by_segments"].values())
    assert set(train["by_context"]) == set(samples.CONTEXTS)
    assert train["queries"] == sum(train["by_type"].values())
    assert train["verification"]["unsupported"] > 0
    records = [record for path in sorted(out.glob("*.jsonl")) for record in read_records(path)]
    assert all(record.queries and len(record.segments) <= 32 for record in records)
    assert not any(query.answer == "nobody at all" for record in records for query in record.queries)


def test_passages_come_from_documents_alone(built, monkeypatch):
    sampler = Sampler(samples.Mixture.load(built, "train"), Verifier())
    monkeypatch.setattr(samples, "CONTEXTS", ("passages",))
    for seed in range(20):
        record = sampler.draw(random.Random(seed), str(seed))
        assert record.id.split("/")[1] in ("fairytaleqa", "timeqa")
        assert not any(f"in {name}" in text for text in record.segments for name in ("fr", "sg", "ba"))


# The reference's format


def test_reference_instances_come_back_as_they_were(tmp_path):
    one = Record("a", ["User: Hi.\nAssistant: Hello.", "Ann: Tea?"], [Query("q?", [1], "tea", "first", [0, 1]), Query("r?", [0], anchor=0, templated=True)])
    two = Record("b", ["x"], [Query("s?", [0], "x")])
    write_records(tmp_path / "r.jsonl", [one, two])
    reference.main(["to", str(tmp_path / "r.jsonl"), str(tmp_path / "i.jsonl")])
    instances = [json.loads(line) for line in (tmp_path / "i.jsonl").read_text().splitlines()]
    assert [m["role"] for m in instances[0]["messages"]] == ["user", "assistant"] * 3
    assert instances[0]["messages"][1]["content"] == "Hello." and instances[0]["messages"][-1]["content"] == "tea"
    assert instances[0]["meta"]["turns"] == [*one.segments, "q?"] and instances[0]["meta"]["evidence_turns"] == [1]
    reference.main(["from", str(tmp_path / "i.jsonl"), str(tmp_path / "back.jsonl")])
    assert list(read_records(tmp_path / "back.jsonl")) == [one, two]


def test_reference_files_as_published_are_read_and_bad_ones_named(tmp_path):
    instance = {"messages": [{"role": "user", "content": "u"}], "meta": {"turns": ["a", "q?"], "evidence_turns": [0]}}
    (tmp_path / "list.json").write_text(json.dumps([instance, instance]))
    made = list(reference.records(reference.read_instances(tmp_path / "list.json")))
    assert [(r.segments, r.queries) for r in made] == [(["a"], [Query("q?", [0])])] * 2
    instance["meta"]["evidence_turns"] = [1]
    (tmp_path / "bad.jsonl").write_text(json.dumps(instance))
    with pytest.raises(RecordError, match=r"bad.jsonl:1: .*evidence 1"):
        list(reference.records(reference.read_instances(tmp_path / "bad.jsonl")))


# An endpoint


@contextmanager
def served(*answers: tuple[int, str], then: str = "") -> Iterator[tuple[str, list[dict]]]:
    """A chat endpoint that gives these statuses and contents, then always the last; and what it was asked."""
    asked: list[dict] = []
    waiting = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))) | {"path": self.path})
            status, content = waiting.pop(0) if waiting else (200, then)
            body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def endpoint(url: str) -> Endpoint:
    return Endpoint(url, "m", attempts=3, pause=lambda seconds: None)


def answer(*queries: tuple[str, list[int], str]) -> str:
    return json.dumps({"queries": [{"text": t, "evidence": e, "answer": a, "type": "plain"} for t, e, a in queries]})


GOOD = answer(("What does the baker offer?", [0], "rye bread"), ("What of the mill?", [0], "eighteen steps"))


def test_written_queries_are_retried_parsed_and_verified():
    with served((503, "busy"), (200, "Sure! " + GOOD), (200, answer(("?", [9], "x"))), then=GOOD) as (url, asked):
        writer = Writer(endpoint(url))
        record = writer.write(Record("town", TOWN.segments))
    assert record.queries == [Query("What does the baker offer?", [0], "rye bread", "plain")]
    assert writer.counts == {"malformed": 2, "unsupported": 1, "plain": 1}
    assert [a["path"] for a in asked] == ["/v1/chat/completions"] * 4
    assert asked[0]["messages"] == asked[1]["messages"] and "not JSON" in asked[2]["messages"][1]["content"]
    assert "evidence 9" in asked[3]["messages"][1]["content"]


def test_a_question_of_an_evaluation_set_is_not_written_again():
    leakage = Leakage([Record("e", ["s"], [Query("what does THE baker offer", [0])])])
    with served(then=GOOD) as (url, _):
        writer = Writer(endpoint(url), leakage=leakage)
        assert writer.write(Record("town", TOWN.segments)).queries == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "alone"),
        ('{"queries": [], "note": 1}', "alone"),
        ('{"queries": [{"text": "q", "evidence": [0], "answer": "a"}]}', "must have"),
        ('{"queries": [{"text": "q", "evidence": [0], "answer": "a", "type": "odd"}]}', "'odd'"),
        ('{"queries": [{"text": "q", "evidence": [true], "answer": "a", "type": "plain"}]}', "list of segment"),
        ('{"queries": [{"text": "q", "evidence": [], "answer": "a", "type": "plain"}]}', "no evidence"),
        ('{"queries": [{"text": " ", "evidence": [0], "answer": "a", "type": "plain"}]}', "texts"),
    ],
)
def test_answers_of_another_form_are_refused(text, complaint):
    with pytest.raises(written.AnswerError, match=complaint):
        written.parse(text, TOWN)


def test_writing_goes_on_where_it_stopped(tmp_path):
    contexts, out = tmp_path / "contexts.jsonl", tmp_path / "out.jsonl"
    write_records(contexts, [Record(f"town/{i}", TOWN.segments) for i in range(5)])
    with served((200, GOOD), (200, answer()), (401, "no"), then=GOOD) as (url, asked):
        with pytest.raises(EndpointError, match="401"):
            write_all(contexts, out, Writer(endpoint(url)), workers=1)
        assert len(asked) >= 3
        with open(out, "a", encoding="utf-8") as torn:
            torn.write('{"id": "town/2", "segm')
        before = len(asked)
        assert write_all(contexts, out, Writer(endpoint(url)), workers=1) == 3
        assert len(asked) == before + 3
    assert [record.id for record in read_records(out)] == [f"town/{i}" for i in (0, 2, 3, 4)]


def test_an_endpoint_that_never_answers_is_named():
    with served(then="x") as (url, _):
        pass
    with pytest.raises(EndpointError, match=url):
        endpoint(url).complete("s", "u", 1)
