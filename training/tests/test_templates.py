"""The synthetic conversations: repeatable, correctly labelled, as long as asked, apart from given files."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from data.record import Query, Record, write_records
from data.templates import KINDS, THREADS, UNSEEN, Conversation, TemplateError, certain, compose, generate, verify, weave
from data.templates.attribute import Attribute
from data.templates.bare_replies import bare_replies
from data.templates.changing_facts import changing_facts
from data.templates.history_questions import Asker
from data.templates.overlap import main as overlap
from data.templates.overlap import shared
from data.templates.people import Person, draw_cast, for_others
from data.templates.reply_tables import REPLIES
from data.templates.thread import Question
from data.templates.track import Track
from data.templates.wordings import DEVELOPMENT, TRAINING, Wordings

BACKGROUND = [[f"Some remark number {i} of talk {talk}." for i in range(12)] for talk in range(3)]


def asked_for(kind: str) -> tuple[Conversation, Question]:
    """A conversation about changing facts, and a question of the type in it that has candidates to choose from."""
    made = (compose(random.Random(seed), 48, BACKGROUND, "changing_facts") for seed in itertools.count())
    return next((c, q) for c in made for q in c.questions if q.type == kind and len(q.among) > 1)


def test_the_same_seed_gives_the_same_records() -> None:
    made = [[generate(random.Random(seed), 40, BACKGROUND).to_json() for seed in range(20)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) == 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", (16, 23, 48, 120))
def test_records_agree_with_their_facts(kind: str, length: int) -> None:
    for seed in range(60):
        conversation = compose(random.Random(f"{kind} {seed}"), length, BACKGROUND, kind)
        if kind == "mixed":  # one thread may make another's question uncertain
            asked = len(conversation.questions)
            assert len(certain(conversation).questions) >= asked - 1
        verify(conversation)
        assert len(conversation.turns) == length
        assert len(conversation.record.segments) in (length, (length + 1) // 2)
        assert 1 <= len(conversation.record.queries) <= 12


def test_a_long_conversation_of_bare_replies_goes_on_to_ask_about_other_things() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        assert bare_replies(rng, draw_cast(rng), 400).turns > 390


@pytest.mark.parametrize("kind", THREADS)
def test_any_kind_fills_the_widest_room_as_far_as_it_has_things_to_tell(kind: str) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        assert 16 <= THREADS[kind](rng, draw_cast(rng), 192).turns <= 200


def test_a_woven_conversation_leaves_what_it_is_told_between_in_order() -> None:
    for seed in range(200):
        told = [f"Passage {i} of the other thing." for i in range(seed % 30 + 1)]
        record, moved = weave(random.Random(seed), told, 20, BACKGROUND)
        assert moved == sorted(set(moved))
        assert [record.segments[i] for i in moved] == told
        assert len(record.segments) > len(told)
        for query in record.queries:
            assert query.templated
            assert not set(query.evidence) & set(moved)


def test_no_slot_is_left_unfilled() -> None:
    for seed in range(400):
        record = generate(random.Random(seed), 32, [])
        for text in [*record.segments, *(query.text for query in record.queries)]:
            assert "{" not in text and "}" not in text
            assert "  " not in text


def test_a_question_that_names_a_fact_has_one_answer() -> None:
    for seed in range(300):
        record = generate(random.Random(seed), 64, BACKGROUND)
        asked: dict[str, list[int]] = {}
        for query in record.queries:
            assert asked.setdefault(query.text, query.evidence) == query.evidence


def test_all_types_and_looks_occur() -> None:
    types, looks = Counter(), Counter()
    for seed in range(600):
        record = generate(random.Random(seed), 40, BACKGROUND)
        types.update(query.type for query in record.queries)
        first = record.segments[0]
        dated = "\n" in first and re.match(r"[^:\n]*\d", first.split("\n")[0])
        looks["dated" if dated else "plain"] += 1
        looks["roles"] += any("User: " in text for text in record.segments)
        looks["pairs"] += len(record.segments) == 20
    expected = {"first", "latest", "before_latest", "previous", "next", "second", "third", "event", "after_event"}
    expected |= {"retracted", "reference", "content", "who", "count", "order.after", "order.before", "reply.option"}
    expected |= {"fourth", "two_ago", "two_before", "two_after", "between", "order", "order_later", "ever", "still", "all"}
    expected |= {"who_had", "who_has", "who_first", "common", "count.changes", "declined", "planned", "reason", "return"}
    expected |= {"speaker", "asked", "reply.asked", "date.on", "date.after", "date.month", "date.when"}
    assert len(expected | {table.type for table in REPLIES}) > 55
    assert expected | {table.type for table in REPLIES} <= set(types)
    assert all(looks[look] for look in ("dated", "plain", "roles", "pairs"))


def test_a_question_about_an_event_says_where_that_stands() -> None:
    asked = Counter()
    for seed in range(120):
        for query in generate(random.Random(seed), 40, BACKGROUND).queries:
            asked[query.type] += query.anchor is not None
            if query.type == "event":
                assert query.evidence[0] <= query.anchor
            elif query.type == "after_event":
                assert query.evidence[0] >= query.anchor
            else:
                assert query.anchor is None
    assert asked["event"] and asked["after_event"]


def test_verify_finds_a_wrong_label() -> None:
    conversation, question = asked_for("first")
    question.evidence = [next(turn for turn in question.among if turn not in question.evidence)]
    question.answer = question.evidence[0].fact.value
    with pytest.raises(TemplateError, match="the facts say"):
        verify(conversation)


def test_what_the_facts_do_not_settle_is_dropped() -> None:
    conversation, wrong = asked_for("first")
    asked = len(conversation.questions)
    wrong.evidence = [turn for turn in wrong.among if turn not in wrong.evidence][:1]
    kept = certain(conversation)
    assert wrong not in kept.questions and len(kept.questions) == len(kept.record.queries) == asked - 1
    verify(kept)


def test_too_short_a_length_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        generate(random.Random(0), 15, [])


def test_overlap_reports_what_is_shared(tmp_path, capsys) -> None:
    nouns = [attribute.nouns[0] for attribute in TRAINING.attributes]
    path = tmp_path / "test.jsonl"
    segments = [f"Zed: For the record, my {noun} is as you know." for noun in nouns]
    queries = [Query(f"Which {noun} came second for Zed?", [i]) for i, noun in enumerate(nouns)]
    record = Record("a", segments, queries)
    write_records(path, [record])
    assert overlap(["--against", str(path), "--records", "2500"]) == 1
    printed = capsys.readouterr().out
    assert any(f"noun or value '{noun}'" in printed for noun in nouns) and "5-gram '" in printed
    said = f"For the record, my {nouns[1]} is {TRAINING.attributes[1].values[0]}."
    assert any(found.startswith("5-gram 'for the record my _'") for found in shared([record], [said]))


def test_overlap_is_silent_about_other_wordings(tmp_path, capsys) -> None:
    path = tmp_path / "test.jsonl"
    write_records(path, [Record("a", ["Zed: Quarks outweigh gluons."], [Query("Which quarks outweigh Zed?", [0])])])
    assert overlap(["--against", str(path), "--records", "100"]) == 0
    assert capsys.readouterr().out.startswith("0 shared")


@pytest.mark.parametrize("wordings", (TRAINING, DEVELOPMENT))
def test_every_wording_has_the_slots_of_its_kind_and_no_others(wordings: Wordings) -> None:
    person = {"p", "ps", "pm", "their", "them", "they", "do", "have", "am"}
    needed = {"previous": "a", "next": "a", "two_before": "a", "two_after": "a", "between": "ab", "event": "e", "after_event": "e"}
    for kinds, named in ((wordings.asks, {"n"}), (wordings.act_asks, {"w", "act"})):
        for kind, asks in kinds.items():
            assert len(set(asks)) == len(asks)
            for ask in asks:
                slots = set(re.findall(r"\{(\w+)\}", ask))
                assert {*named, *needed.get(kind, "")} <= slots <= person | named | set("abedq"), (kind, ask)


@pytest.mark.parametrize("wordings", (TRAINING, DEVELOPMENT))
def test_every_statement_has_its_value_and_no_unknown_slot(wordings: Wordings) -> None:
    person = {"I", "Im", "Ive", "Ill", "Id", "my", "me", "mine", "myself", "s", "es", "do", "have", "was"}
    own = {attribute.nouns[0]: attribute.says for attribute in wordings.attributes}
    near = {f"{attribute.nouns[0]}, near": attribute.near for attribute in wordings.attributes}
    assert len(own) == len(wordings.attributes) and all(near.values())
    for kind, lines in (own | near | wordings.facts).items():
        assert len(set(lines)) == len(lines), kind
        for line in lines:
            slots = re.findall(r"\{(\w+)\}", line)
            assert line.strip() == line and set(slots) <= person | set("nvwrx" if kind in wordings.facts else "v"), (kind, line)
            assert slots.count("v") == 1 or kind in ("reports", "prompts"), (kind, line)
        assert kind not in own or len(for_others(lines)) > 1, kind


def test_what_names_nobody_is_only_said_by_its_owner() -> None:
    says = "{v}, at last!", "{I} joined {v}.", "{my} gym is {v}."
    attributes = tuple(Attribute((noun,), tuple(f"{noun} {i}" for i in range(8)), says) for noun in ("gym", "club", "choir"))
    wordings = replace(TRAINING, attributes=attributes, families=False)
    said = 0
    for seed in range(60):
        rng = random.Random(seed)
        cast = draw_cast(rng)
        for turn in itertools.chain(*changing_facts(rng, cast, 24, wordings).blocks):
            if "at last!" in turn.text:
                assert turn.speaker == turn.fact.person
                said += 1
    assert said > 20


def test_an_attribute_has_at_most_one_question() -> None:
    block = "gym\nPulse Point|Flexhaus\n{}\n{{I}} joined {{v}}.\n- {{v}} is loud."
    assert Attribute.parse(block.format("? where | train")).act == ("where", "train")
    for line in ("? where", "? where | train\n? whose | pay"):
        with pytest.raises(ValueError, match="gym: .* is not one question word"):
            Attribute.parse(block.format(line))


def test_training_asks_every_kind_of_question_and_development_no_others() -> None:
    assert all(TRAINING.asks.values())
    for wordings in (TRAINING, DEVELOPMENT):
        track = Track(Person("Ana"), wordings.attributes[0], wordings)
        with pytest.raises(KeyError, match="no such kind"):
            Asker(random.Random(0), track).add("no such kind", "first", [])
    assert DEVELOPMENT.asks.keys() <= TRAINING.asks.keys() and DEVELOPMENT.act_asks.keys() <= TRAINING.act_asks.keys()
    asked = {question.type for seed in range(300) for question in compose(random.Random(seed), 64, BACKGROUND, "changing_facts", 99).questions}
    assert asked >= {"first", "all", "count.changes", "two_before", "order", "order_later", "still", "who_first", "common", "return"}


def test_development_shares_no_attribute_and_no_wording_with_training() -> None:
    assert not _nouns(TRAINING) & _nouns(DEVELOPMENT)
    assert not _lines(TRAINING) & _lines(DEVELOPMENT)


def _nouns(wordings: Wordings) -> set[str]:
    return {noun for attribute in wordings.attributes for noun in attribute.nouns}


def _lines(wordings: Wordings) -> set[str]:
    kinds = (*wordings.facts.values(), *wordings.asks.values(), *wordings.act_asks.values())
    own = ((*attribute.says, *attribute.near) for attribute in wordings.attributes)
    return {line.lower() for lines in (*kinds, *own) for line in lines}


def test_facts_in_unseen_wordings_are_right() -> None:
    for seed in range(30):
        conversation = compose(random.Random(seed), 48, BACKGROUND, UNSEEN)
        verify(certain(conversation))
        assert conversation.questions
