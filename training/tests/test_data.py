"""The data pipeline on small archives made here, in the published schemas."""

from __future__ import annotations

import json
import os
import random
import re
import zipfile
from pathlib import Path

import pytest

from data import background, build, evaluation, mixture
from data import leakage as leakage_module
from data.leakage import Leakage
from data.mixture import Mixture
from data.readers import chats, eraser, evidence_inference, friendsqa, memorycode, molweni, propara, sgd
from data.record import Query, Record, RecordError, read_records, write_records
from data.slot_questions import slot_queries
from data.splits import document_of, split_of
from data.templates import weave
from data.text import Overlap, detokenize, passages, sentences


def archive(folder: Path, members: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "source.zip", "w") as out:
        for name, text in members.items():
            out.writestr(name, text)
    return folder


def friends_scene(title: str, lines: list[str], question: str, answer: int) -> dict:
    utterances = [{"uid": i, "speakers": [f"P{i % 2}"], "utterance": line} for i, line in enumerate(lines)]
    qa = {"question": question, "answers": [{"answer_text": lines[answer], "utterance_id": answer}]}
    return {"title": title, "paragraphs": [{"utterances:": utterances, "qas": [qa]}]}


def sgd_turn(speaker: str, utterance: str, values: dict | None = None, request: str | None = None) -> dict:
    actions = [{"act": "REQUEST", "slot": request}] if request else []
    frame = {"service": "Hotels_1", "actions": actions}
    if values is not None:
        frame["state"] = {"slot_values": values}
    return {"speaker": speaker, "utterance": utterance, "frames": [frame]}


SGD_SCHEMA = [{"service_name": "Hotels_1", "slots": [{"name": "city", "description": "City of the hotel."}]}]


# Records


def test_records_survive_a_file(tmp_path):
    records = [Record("a/1", ["x\ny", "ü"], [Query("q?", [1], "z", "latest", [0, 1], 0)]), Record("a/2", ["s"])]
    assert write_records(tmp_path / "new" / "r.jsonl", records) == 2
    assert list(read_records(tmp_path / "new" / "r.jsonl")) == records


def test_a_query_points_at_the_same_segments_once_they_moved():
    query = Query("q?", [5], "z", "event", [2, 5], 4)
    assert query.indices == [2, 4, 5] and Query("q?", [1]).indices == [1]
    moved = query.moved([0, 1, 7, 3, 4, 6].__getitem__)
    assert moved == Query("q?", [6], "z", "event", [6, 7], 4)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not a record"),
        ("[]", "not a record"),
        ('{"id": "a"}', "not a record"),
        ('{"id": "", "segments": ["x"]}', "id is empty"),
        ('{"id": "a", "segments": [" "]}', "segment 0"),
        ('{"id": "a", "segments": ["x"], "queries": [{"text": "q", "evidence": [1]}]}', "evidence 1"),
        ('{"id": "a", "segments": ["x"], "queries": [{"text": "q", "evidence": []}]}', "no evidence"),
        ('{"id": "a", "segments": ["x"], "queries": [{"text": "q", "evidence": [0], "among": [-1]}]}', "among -1"),
        ('{"id": "a", "segments": ["x"], "queries": [{"text": "q", "evidence": [0], "anchor": 2}]}', "anchor 2"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, complaint):
    path = tmp_path / "r.jsonl"
    path.write_text(f'{Record("a", ["x"]).to_json()}\n\n{line}\n')
    with pytest.raises(RecordError, match=rf"r\.jsonl:3: .*{complaint}"):
        list(read_records(path))


# Text


@pytest.mark.parametrize(
    ("tokenised", "written"),
    [
        ("I do n't know , do you ?", "I don't know, do you?"),
        ("`` Yes , '' he said -LRB- twice -RRB- .", '"Yes," he said (twice).'),
        ("We 're gon na {vocalsound} go .", "We're gonna go."),
    ],
)
def test_detokenize(tokenised, written):
    assert detokenize(tokenised) == written


def test_passages_lose_no_word():
    text = 'One two. "Three four!" Five six seven? Eight, p. 9 nine. ' * 5
    assert " ".join(sentences(text)).split() == text.split()
    groups = passages(text, max_words=6, max_sentences=2)
    assert " ".join(groups).split() == text.split()
    assert all(len(group.split()) <= 6 for group in groups)


def test_overlap_prefers_rare_words():
    overlap = Overlap(["the cat sat", "the cat and the zebra sat", "the cat"])
    assert overlap.best(range(3), "a zebra or a cat", limit=1) == [1]
    assert overlap.best(range(3), "nothing shared", limit=1) == []


# Readers


def test_friendsqa_reads_the_dev_file_only(tmp_path):
    dev = {"data": [friends_scene("s1", ["Hello .", "I 'm here ."], "Who is here ?", 1)]}
    folder = archive(tmp_path, {"dat/friendsqa_dev.json": json.dumps(dev), "dat/friendsqa_tst.json": "{"})
    (record,) = friendsqa.read(folder)
    assert record.check().segments == ["P0: Hello.", "P1: I'm here."]
    assert record.queries == [Query("Who is here?", [1], "I'm here.")]


def test_a_broken_member_is_named(tmp_path):
    with pytest.raises(RecordError, match="friendsqa_dev.json"):
        list(friendsqa.read(archive(tmp_path, {"dat/friendsqa_dev.json": "{"})))
    with pytest.raises(RecordError, match=r"grids\.v1\.train\.json:2"):
        list(propara.read(archive(tmp_path, {"data/emnlp18/grids.v1.train.json": "\n{"})))
    with pytest.raises(FileNotFoundError):
        list(friendsqa.read(tmp_path / "none"))


def test_sgd_asks_for_changes_and_replies(tmp_path):
    dialogues = [
        {
            "dialogue_id": "1",
            "turns": [
                sgd_turn("USER", "A hotel in Oslo please.", {"city": ["Oslo"]}),
                sgd_turn("SYSTEM", "Sure."),
                sgd_turn("USER", "Make it Bergen.", {"city": ["Bergen", "bergen"]}),
                sgd_turn("USER", "Yes.", {"city": ["bergen"]}),
            ],
        },
        {
            "dialogue_id": "2",
            "turns": [
                sgd_turn("USER", "I need a hotel.", {}),
                sgd_turn("SYSTEM", "Where?", request="city"),
                sgd_turn("USER", "Oslo.", {"city": ["Oslo"]}),
            ],
        },
    ]
    members = {"dev/schema.json": json.dumps(SGD_SCHEMA), "dev/dialogues_001.json": json.dumps(dialogues)}
    changed, replied = sgd.read(archive(tmp_path, members))
    kinds = {query.type: query for query in changed.check().queries}
    assert {kind: query.evidence for kind, query in kinds.items()} == {
        "latest": [2],
        "first": [0],
        "previous": [0],
        "next": [2],
    }
    assert all(query.among == [0, 2] for query in kinds.values())
    assert "Bergen" in kinds["previous"].text and "Oslo" in kinds["next"].text
    (reply,) = replied.check().queries
    assert (reply.type, reply.evidence, reply.among) == ("reply", [2], [1, 2])


def test_multirc_asks_once_and_without_the_candidate(tmp_path):
    def row(answer: str, classification: str) -> str:
        span = {"docid": "d.txt", "start_sentence": 1, "end_sentence": 2}
        return json.dumps(
            {"query": f"Who ran ? || {answer}", "classification": classification, "evidences": [[span]]}
        )

    lines = "\n".join([row("Wrong", "False"), row("Ann", "True"), row("She", "True")])
    members = {"data/multirc/docs/d.txt": "It rained .\nAnn ran .\n", "data/multirc/val.jsonl": lines}
    (record,) = eraser.read_multirc(archive(tmp_path, members))
    assert record.queries == [Query("Who ran?", [1], "Ann")]
    assert record.segments[1] == "Ann ran."


def test_molweni_chats_of_one_log_are_one_document(tmp_path):
    def chat(*lines: str) -> dict:
        context = " ".join(f"ann: {line}" for line in lines)
        answer = {"text": lines[-1], "answer_start": context.rindex(lines[-1])}
        qas = [{"question": "last ?", "is_impossible": False, "answers": [answer]}]
        qas.append({"question": "none ?", "is_impossible": True, "answers": []})
        return {"edus": [{"speaker": "Ann", "text": line} for line in lines], "qas": qas}

    chats = [chat("one", "two"), chat("three", "four"), chat("five"), chat("two", "three")]
    members = {"MRC(withDiscourse)/test.json": json.dumps({"data": {"dialogues": chats}})}
    records = [record.check() for record in molweni.read(archive(tmp_path, members))]
    assert [document_of(record.id) for record in records] == ["molweni/0", "molweni/0", "molweni/2", "molweni/0"]
    assert [[q.evidence for q in record.queries] for record in records] == [[[1]], [[1]], [[0]], [[1]]]


def test_memorycode_puts_a_rules_versions_together(tmp_path):
    def session(rule: str | None) -> dict:
        kind, topic = ("instruction-add", rule) if rule else ("filler-add", "office plants")
        text = f"Ann: Hello.\n\nBob: Hi.\nThere.\n\nAnn: Please {topic}.\n\nand so on."
        return {"type": [kind], "topic": [topic], "text": text}

    rules = ["always end names with '_a'", None, "always end names with '_b'"]
    history = {"sessions": [session(rule) for rule in rules], "instructions": [[[4, 0]], [-1], [[4, 1]]]}
    whole, chain = memorycode.read(archive(tmp_path, {"dataset/dialogue_1.json": json.dumps(history)}))
    assert document_of(chain.id) == whole.id
    assert (len(whole.check().segments), len(chain.check().segments)) == (9, 6)
    assert whole.segments[2] == "Ann: Please always end names with '_a'. and so on."
    assert {q.type: q.evidence for q in whole.queries} == {
        "latest": [8],
        "first": [2],
        "previous": [2],
        "next": [8],
        "topic": [5],
    }
    assert {q.type: q.among for q in chain.queries} == dict.fromkeys(("latest", "first", "previous", "next"), [2, 5])


def test_evidence_inference_maps_offsets(tmp_path):
    text = "TITLE:\nA trial.\n\nThe  drug\twas good here. " + "Filler word here again. " * 20 + "Pain fell by half.\n"
    start = text.index("Pain fell")
    members = {
        "annotations/prompts_merged.csv": "PromptID,PMCID,Outcome,Intervention,Comparator\n1,7,pain,drug,placebo\n",
        "annotations/v2_annotations.csv": "PromptID,PMCID,Valid Label,Evidence Start,Evidence End\n"
        f"1,7,True,{start},{start + 9}\n",
        "annotations/txt_files/PMC7.txt": text,
    }
    (record,) = evidence_inference.read(archive(tmp_path, members))
    (query,) = record.check().queries
    assert all(word in query.text for word in ("pain", "drug", "placebo"))
    assert [("Pain fell" in segment) for segment in record.segments] == [
        index in query.evidence for index in range(len(record.segments))
    ]


def test_a_recurring_value_is_not_asked_around():
    kinds = [q.type for q in slot_queries(random.Random(0), "colour", [(0, "red"), (2, "blue"), (5, "Red")])]
    assert kinds == ["latest", "first"]
    assert slot_queries(random.Random(0), "colour", [(0, "red"), (0, "blue")]) == []


# Evaluation


def test_locomo_pairs_stay_in_their_session_and_map_evidence(tmp_path):
    def turns(session: int, count: int) -> list[dict]:
        return [{"speaker": "A", "dia_id": f"D{session}:{i}", "text": f"t{session}.{i}"} for i in range(1, count + 1)]

    conversation = {"session_1_date_time": "day 1", "session_1": turns(1, 3)}
    conversation |= {"session_2_date_time": "day 2", "session_2": turns(2, 2), "session_3_date_time": "day 3"}
    evidence = (["D1:3; D2:1"], ["D", "D:2:2"], ["D2:02"], ["D1:1 D1:2"])
    qa = [{"question": f"q{i}", "answer": i, "category": 4, "evidence": e} for i, e in enumerate(evidence)]
    qa.append({"question": "adversarial", "category": 5, "evidence": ["D1:1"]})
    sample = {"sample_id": "c", "conversation": conversation, "qa": qa}
    archive(tmp_path / "locomo", {"data/locomo10.json": json.dumps([sample])})
    (pairs,) = evaluation.locomo(tmp_path, "pair")
    assert pairs.segments == ["day 1\nA: t1.1\nA: t1.2", "day 1\nA: t1.3", "day 2\nA: t2.1\nA: t2.2"]
    assert [(q.text, q.evidence, q.type) for q in pairs.queries] == [
        ("q0", [1, 2], "single_hop"),
        ("q1", [2], "single_hop"),
        ("q3", [0], "single_hop"),
    ]
    (single,) = evaluation.locomo(tmp_path, "turn", dates=False)
    assert single.segments[4] == "A: t2.2"
    assert [q.evidence for q in single.queries] == [[2, 3], [4], [0, 1]]


def test_leaking_documents_and_questions_are_dropped():
    secret = "purple elephants march quietly across seven frozen northern rivers"
    leakage = Leakage([Record("e", [secret], [Query("Who marched?", [0])])])
    records = [
        Record("t/1#a", [f"He said {secret}."], [Query("q?", [0])]),
        Record("t/1#b", ["same document"], [Query("q?", [0])]),
        Record("t/2", ["let me know if you need anything else today"], [Query("who MARCHED", [0]), Query("ok?", [0])]),
    ]
    kept, count = leakage.clean(records)
    assert [(r.id, [q.text for q in r.queries]) for r in kept] == [("t/2", ["ok?"])]
    assert (count.segments, count.documents, count.queries) == (1, 1, 1)


def test_leakage_of_any_file_is_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(leakage_module, "all_sets", lambda data: [Record("e", ["s"], [Query("Who marched?", [0])])])
    write_records(tmp_path / "clean.jsonl", [Record("a", ["s"], [Query("Who danced?", [0])])])
    write_records(tmp_path / "leaking.jsonl", [Record("a", ["s"], [Query("who marched", [0])])])
    assert leakage_module.main(["--data", ".", str(tmp_path / "clean.jsonl")]) == 0
    assert leakage_module.main(["--data", ".", *map(str, tmp_path.glob("*.jsonl"))]) == 1
    assert "leaking.jsonl: {'segments': 0, 'documents': 0, 'queries': 1}" in capsys.readouterr().out


# Splits and the mixture


def test_splits_keep_documents_together():
    names = [f"s/{i}#{part}" for i in range(2_000) for part in "ab"]
    assert all(split_of(name) == split_of(document_of(name)) for name in names)
    share = sum(split_of(name) == "dev" for name in names) / len(names)
    assert 0.06 < share < 0.10


def labelled(source: str, count: int, size: int) -> list[Record]:
    """Records whose segments and queries name where they come from, so that a sequence can be checked."""
    records = []
    for number in range(count):
        rng = random.Random(f"{source}{number}")
        segments = [f"S: <{source}/{number}/{i}>" for i in range(size)]
        queries = []
        for _ in range(5):
            evidence = sorted(rng.sample(range(size), rng.randint(1, 2)))
            among = sorted({*evidence, rng.randrange(size)}) if rng.random() < 0.5 else None
            queries.append(Query("".join(f"<{source}/{number}/{i}>" for i in evidence), evidence, among=among))
        records.append(Record(f"{source}/{number}", segments, queries))
    return records


@pytest.fixture
def small_mixture() -> Mixture:
    names = {"friendsqa": 20, "crd3": 400, "sgd": 12, "woz2": 8, "babi": 6, "fairytaleqa": 30}
    chat = [Record(f"topical_chat/{i}", [f"B: <topical_chat/{i}/{j}>" for j in range(15)]) for i in range(9)]
    return Mixture({name: labelled(name, 12, size) for name, size in names.items()}, {"topical_chat": chat})


def test_questions_alone_are_drawn_from_every_source(small_mixture):
    drawn = small_mixture.questions(random.Random(0), 400)
    assert len(drawn) == 400
    assert {re.findall(r"<(\w+)/", query.text)[0] for query in drawn} == small_mixture.sources.keys()


@pytest.mark.parametrize("length", [3, 16, 64, 256])
def test_sequences_keep_evidence_and_length(small_mixture, length):
    rng = random.Random(length)
    for _ in range(100):
        record = small_mixture.sequence(rng, length)
        assert 1 <= len(record.segments) <= length
        assert length < 16 or len(record.segments) > length - mixture.MIN_PART
        assert 1 <= len(record.queries) <= mixture.MAX_QUERIES
        for query in record.queries:
            named = set(re.findall(r"<\S+?>", query.text))
            holding = {i for i, segment in enumerate(record.segments) if named & set(re.findall(r"<\S+?>", segment))}
            assert set(query.evidence) == holding
            assert query.among is None or set(query.evidence) <= set(query.among)


def test_no_segment_is_lost_or_repeated(small_mixture):
    rng = random.Random(1)
    for _ in range(100):
        record = small_mixture.sequence(rng, 48)
        tags = [tag for segment in record.segments for tag in re.findall(r"<\S+?>", segment)]
        assert len(tags) == len(set(tags)) >= len(record.segments)


def test_hard_negatives_resemble_the_questions():
    def part(name: str, text: str) -> mixture.Part:
        return mixture.Part("fairytaleqa", name, "document", [text], [Query("Where did the fox hide?", [0])])

    lead, fox, mill = part("a", "In a burrow."), part("b", "A fox hid well."), part("c", "The mill stood still.")
    assert mixture._nearest(lead, [mill, None, fox]) is fox
    assert mixture._nearest(lead, [part("a", "the fox hid"), mill]) is mill
    assert mixture._nearest(lead, [None]) is None


def test_one_record_of_a_family_a_sequence(small_mixture):
    rng = random.Random(2)
    for _ in range(100):
        text = "\n".join(small_mixture.sequence(rng, 64).segments)
        assert len({m.group(1) for m in re.finditer(r"<((?:sgd|woz2)/\d+)/", text)}) <= 1
        assert len({m.group(1) for m in re.finditer(r"<(babi/\d+)/", text)}) <= 1


def test_the_same_state_gives_the_same_sequence(small_mixture):
    first, second = (small_mixture.sequence(random.Random(7), 32) for _ in range(2))
    assert first == second


def test_pairs_merge_two_turns(small_mixture, monkeypatch):
    monkeypatch.setattr(mixture, "PAIRS_RATE", 1.0)
    monkeypatch.setattr(mixture, "DATES_RATE", dict.fromkeys(mixture.DATES_RATE, 0.0))
    record = Mixture({"crd3": labelled("crd3", 1, 400)}, {}).sequence(random.Random(0), 32)
    assert len(record.segments) == 32
    for segment in record.segments:
        first, second = re.findall(r"/(\d+)>", segment)
        assert int(second) == int(first) + 1 and segment.count("\n") == 1


def test_date_lines_never_go_back(small_mixture, monkeypatch):
    monkeypatch.setattr(mixture, "DATES_RATE", dict.fromkeys(mixture.DATES_RATE, 1.0))
    monkeypatch.setattr(mixture, "DATE_FORMATS", ("{d:%Y-%m-%d %H:%M}",))
    rng = random.Random(3)
    for _ in range(30):
        segments = small_mixture.sequence(rng, 32).segments
        dates = [segment.split("\n")[0] for segment in segments if re.match(r"\d{4}-", segment)]
        assert dates and dates == sorted(dates)
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d\n[SB]: <", segments[0])


def test_what_is_woven_in_leaves_the_evidence_where_it_was(small_mixture):
    def answers(record: Record) -> list[tuple[str, list[str]]]:
        named = [re.findall(r"<\S+?>", segment) for segment in record.segments]
        return [(q.text, [tag for i in q.evidence for tag in named[i]]) for q in record.queries if not q.templated]

    for seed in range(60):
        plain = small_mixture.sequence(random.Random(seed), 20)
        woven = small_mixture.sequence(random.Random(seed), 20, weave=lambda rng, told: weave(rng, told, 12, []))
        assert answers(woven.check()) == answers(plain)
        assert any(query.templated for query in woven.queries)


def test_an_empty_mixture_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no source"):
        Mixture.load(tmp_path, "train")


def test_build_names_missing_sources_and_splits_apart(tmp_path, monkeypatch):
    scenes = [friends_scene(f"s{i}", ["Hello .", f"I am number {i} ."], f"Who is {i} ?", 1) for i in range(60)]
    archive(tmp_path / "data" / "friendsqa", {"dat/friendsqa_dev.json": json.dumps({"data": scenes})})
    talks = {
        str(i): {"content": [{"agent": f"agent_{j % 2 + 1}", "message": f"m{j}"} for j in range(6)]} for i in range(40)
    }
    archive(tmp_path / "data" / "topical_chat", {"conversations/valid_freq.json": json.dumps(talks)})
    monkeypatch.setattr(build, "all_sets", lambda data: [])
    rows, missing = build.build(tmp_path / "data", tmp_path / "out")
    assert "sgd" in missing and "star" in missing and "friendsqa" not in missing
    ids = {s: {r.id for r in read_records(tmp_path / "out" / f"friendsqa.{s}.jsonl")} for s in ("train", "dev")}
    assert ids["train"] and ids["dev"] and not ids["train"] & ids["dev"]
    assert len(ids["train"] | ids["dev"]) == 60
    sheet = json.loads((tmp_path / "out" / "datasheet.json").read_text())
    assert sheet["sources"] == rows and sheet["missing"] == missing
    loaded = Mixture.load(tmp_path / "out", "train")
    written = len(list(read_records(tmp_path / "out" / "chats.train.jsonl")))
    assert written and loaded.sources == {"friendsqa": len(ids["train"]), "chats": written}
    assert loaded.sequence(random.Random(0), 16).queries


def test_documents_of_one_split_do_not_move_those_of_the_other(tmp_path, monkeypatch):
    def developed(count):
        scenes = [friends_scene(f"s{i}", ["Hello .", f"I am number {i} ."], f"Who is {i} ?", 1) for i in range(200)]
        own = {split: [s for s in scenes if split_of(f"friendsqa/{s['title']}") == split] for split in ("train", "dev")}
        folder = tmp_path / str(count)
        archive(folder / "data" / "friendsqa", {"dat/friendsqa_dev.json": json.dumps({"data": own["train"][:count] + own["dev"]})})
        build.build(folder / "data", folder / "out")
        return [record.id for record in read_records(folder / "out" / "friendsqa.dev.jsonl")]

    monkeypatch.setattr(build, "all_sets", lambda data: [])
    few, many = developed(20), developed(60)
    assert few == many and len(few) > 2


def test_an_interrupted_build_goes_on(tmp_path, monkeypatch):
    scenes = [friends_scene(f"s{i}", ["Hello .", f"I am number {i} ."], f"Who is {i} ?", 1) for i in range(40)]
    archive(tmp_path / "data" / "friendsqa", {"dat/friendsqa_dev.json": json.dumps({"data": scenes})})
    archive(tmp_path / "data" / "molweni", {"MRC/train.json": "{"})
    monkeypatch.setattr(build, "all_sets", lambda data: [])
    for _ in range(2):
        with pytest.raises((RecordError, KeyError)):
            build.build(tmp_path / "data", tmp_path / "out")
        monkeypatch.setattr(friendsqa, "scenes", None)
    (tmp_path / "data" / "molweni" / "source.zip").unlink()
    (tmp_path / "data" / "molweni").rmdir()
    rows, missing = build.build(tmp_path / "data", tmp_path / "out")
    assert [row["source"] for row in rows][:2] == ["friendsqa", "friendsqa"] and "molweni" in missing
    sheet = json.loads((tmp_path / "out" / "datasheet.json").read_text())
    assert sheet["types"]["friendsqa"] == {"plain": rows[0]["queries"]}
    with pytest.raises(TypeError):  # another seed starts afresh
        build.build(tmp_path / "data", tmp_path / "out", seed=1)


def test_irc_keeps_messages_only(tmp_path):
    log = "[12:18] <ann> hi\n=== bob has joined\n[12:19] <bob> hello\n[12:19] <ann> a\n[12:20] <bob> b\n"
    archive(tmp_path / "irc_ubuntu", {"data/dev/x.ascii.txt": log})
    (record,) = background.read_background(tmp_path, "irc_ubuntu")
    assert record.segments == ["ann: hi", "bob: hello", "ann: a", "bob: b"]


@pytest.mark.skipif("EVOEMBED_DATA" not in os.environ, reason="EVOEMBED_DATA is the folder of the public data")
def test_locomo_as_published():
    records = list(evaluation.locomo(Path(os.environ["EVOEMBED_DATA"]), "pair"))
    assert len(records) == 10
    assert sum(len(record.check().queries) for record in records) == 1534


# Chats written for this project

CHAT = """Nora & Idris
== 14 March 2022, 7:40 pm
Nora: We adopted a puppy! He answers to Biscuit. {dog1}
? What did Nora call her new pet? = Biscuit
Idris: Can I come and see him on Sunday?
Nora: Sure, right after lunch.
?r When may Idris visit the puppy? = after lunch
== 2 April 2022, 9:15 am
Nora: It's Waffle now. {dog2}
== questions
latest | What is the dog's name in the end? = Waffle | dog2 | dog1 dog2
multi | What names has the dog had? = Biscuit, Waffle | dog1 dog2
"""


def test_a_chat_is_turns_with_questions_about_them():
    chat = chats.parse("x", CHAT)
    assert chat.segments[2] == "Nora: Sure, right after lunch." and chat.segments[3] == "Nora: It's Waffle now."
    assert [(q.type, q.evidence, q.among, q.answer) for q in chat.queries] == [
        ("plain", [0], None, "Biscuit"),
        ("reference", [2], None, "after lunch"),
        ("latest", [3], [0, 3], "Waffle"),
        ("multi", [0, 3], None, "Biscuit, Waffle"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Olga: I was never here.", "line 3: no turn of Nora or Idris"),
        ("? Who spoke? = Nora", "line 3: no turn before it"),
        ("? What is missing here?", "line 3: not `question = answer`"),
        ("== questions\nlast | Who? = Nora | dog1", "line 4: not `type | "),
        ("== questions\nlatest | Who? = Nora | dog9", r"line 4: no turn has \{dog9\}"),
    ],
)
def test_what_is_no_chat_is_named_by_its_line(line, problem):
    with pytest.raises(chats.ChatError, match=problem):
        chats.parse("x", CHAT.replace("Nora: We adopted", f"{line}\nNora: We adopted", 1))


def test_every_chat_that_is_here_can_be_read_and_asks_of_itself_alone():
    for chat in chats.read(Path(chats.__file__).parents[1] / "chats"):
        people = {segment.split(": ", 1)[0] for segment in chat.segments}
        assert len(people) == 2 and len(chat.segments) >= 40 and len(chat.queries) >= 40, chat.id
