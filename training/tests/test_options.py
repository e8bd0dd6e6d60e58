"""train.py's options on a tiny encoder: what they change is recorded, found again on loading, and does what it says."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

import rerank_losses
import train
from batch import batches, collate, shuffled
from checkpoint import autocast, load_head, load_model
from config import Config
from controls import VISITS
from data.mixture import Mixture
from data.record import Record, write_records
from data.templates import generate
from distillation import distillation
from encoding import Reader
from export import About, export
from kept import save
from model import EvoEmbed, Head, round_f16
from quantise import quantise_aware, quantise_rows
from soup import make_soup
from static_loss import encoder_parameters
from tiny_model import tiny_model, tiny_tokenizer

TINY_MODEL = Path(__file__).parents[2] / "tests" / "fixtures" / "tiny-model"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data`, as data.build leaves it, and a tiny `encoder`."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("world")
    rng = random.Random(2)
    made = [generate(rng, 16, []) for _ in range(12)]
    records = [Record(f"friendsqa/{i}#0", record.segments, record.queries) for i, record in enumerate(made)]
    (root / "data").mkdir()
    write_records(root / "data" / "friendsqa.train.jsonl", records)
    tokenizer = tiny_tokenizer()
    torch.manual_seed(1)
    sizes = {"hidden_size": 12, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 20}
    BertModel(BertConfig(vocab_size=len(tokenizer), max_position_embeddings=256, **sizes)).save_pretrained(root / "encoder")
    tokenizer.save_pretrained(root / "encoder")
    return root


def run(monkeypatch: pytest.MonkeyPatch, world: Path, name: str, *options: str) -> Path:
    where = ["--data", str(world / "data"), "--out", str(world / name), "--encoder", str(world / "encoder")]
    short = ["--static-steps", "2", "--head-steps", "2", "--rerank-steps", "1", "--joint-steps", "2", "--late-steps", "2"]
    small = ["--static-segments", "100", "--head-segments", "100"]
    monkeypatch.setattr("sys.argv", ["train.py", *where, *short, *small, *options])
    train.main()
    return world / name


def loaded_from(out: Path, shipped: EvoEmbed) -> EvoEmbed:
    """What loads of a run that went on from a model folder."""
    loaded = EvoEmbed(shipped.encoder, shipped.config)
    load_head(loaded, out)
    return loaded


def test_every_option_at_once_is_recorded_and_found_again(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = run(monkeypatch, world, "teacher", "--stage", "static")
    sizes = ["--capacity", "1", "--memory-queries", "2", "--memory-loss", "0", "--length-weighting", "none"]
    parts = ["--no-recurrence", "--no-order", "--no-identity-path", "--mixed-lengths"]
    how = ["--gradient-checkpointing", "3", "--quantise-aware", "--teacher", str(teacher)]
    out = run(monkeypatch, world, "without", *sizes, *parts, *how)
    made = json.loads((out / "config.json").read_text())
    assert not (made["recurrence"] or made["order"] or made["identity_path"])
    assert made["length_weighting"] == "none" and made["teacher"] == "teacher"
    model, tokenizer = load_model(out, "head")
    assert (model.config.capacity, model.config.memory_queries, model.config.identity_path) == (1, 2, False)
    assert (model.head.represent.order.weight == 0).all()
    rows = round_f16(torch.randn(1, 3, 2, 12))
    moved = torch.cat([-rows[:, :1], rows[:, 1:]], 1)
    after, before = model.head.read_memory(moved), model.head.read_memory(rows)
    assert torch.equal(after[:, 1:], before[:, 1:]) and not torch.equal(after[:, 0], before[:, 0])
    told = [json.loads(line) for line in (out / "static.log.jsonl").read_text().splitlines()]
    assert all(line["distillation"] > 0 for line in told)
    with pytest.raises(ValueError, match="--no-identity-path"):
        export(model, tokenizer, About("x", "0", {}), out / "model")


def test_what_head_and_reranker_learn_together_is_what_loads(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = run(monkeypatch, world, "together", "--stage", "all")
    joint, apart = torch.load(out / "joint.pt"), torch.load(out / "head.pt")
    loaded, _ = load_model(out, "head")
    for name in ("update.attention.query.weight", "reranker.query.weight"):
        assert torch.equal(loaded.head.state_dict()[name], joint[f"head.{name}"]), name
        assert not torch.equal(joint[f"head.{name}"], apart[f"head.{name}"]), name
    assert torch.equal(joint["head.pool.query"], apart["head.pool.query"]), "texts were read once"
    told = [json.loads(line) for line in (out / "joint.log.jsonl").read_text().splitlines()]
    assert any(line["rivals"] > 0 for line in told)
    with pytest.raises(SystemExit):
        run(monkeypatch, world, "together", "--stage", "rerank")


def test_the_reranker_sees_queries_as_they_will_rely(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = run(monkeypatch, world, "relying", "--stage", "head")
    path = out / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reliance_threshold": 3.25, "rerank_floor": 0.5}))
    seen = []
    losses = train.RerankLosses
    monkeypatch.setattr(train, "RerankLosses", lambda reader, *rest: seen.append(reader.config) or losses(reader, *rest))
    run(monkeypatch, world, "relying", "--stage", "rerank")
    assert [config.reliance_threshold for config in seen] == [3.25]
    made = json.loads(path.read_text())
    assert (made["reliance_threshold"], made["rerank_floor"]) == (3.25, 0.5)


def test_rerankers_share_what_they_read(world: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    readings = tmp_path / "readings"
    begun = ["--from-model", str(TINY_MODEL), "--stage", "rerank", "--init-seed", "1"]
    more = [*begun, "--rerank-steps", "3", "--readings", str(readings)]
    run(monkeypatch, world, "reads", *more)
    kept = sorted(readings.iterdir())
    assert len(kept) == 3
    with monkeypatch.context() as patched:
        patched.setattr(rerank_losses, "read_batch", None)
        patched.setattr(train, "ORDERED_ANEW", 3)
        run(monkeypatch, world, "finds", *more)
        out = run(monkeypatch, world, "finds others first", *more, "--order-seed", "2")
    reranker, again = (torch.load(world / name / "rerank.pt") for name in ("reads", "finds"))
    assert all(torch.equal(weight, again[name]) for name, weight in reranker.items())
    reliance = [
        [json.loads(line)["templated reliance"] for line in (folder / "rerank.log.jsonl").read_text().splitlines()]
        for folder in (out, world / "finds")
    ]
    assert reliance[0] != reliance[1] and sorted(reliance[0]) == sorted(reliance[1])
    make_soup([out, world / "finds"], "rerank", world / "of one seed")
    made = json.loads((world / "of one seed" / "config.json").read_text())
    assert made["soup"]["order_seeds"] == [2, None]
    run(monkeypatch, world, "another", *more, "--seed", "5")
    assert len(list(readings.iterdir())) == 6


def test_an_order_of_its_own_has_the_same_batches() -> None:
    first, second = ([shuffled(lambda step: step, 10, 4, seed)(step) for step in range(10)] for seed in (1, 5))
    assert first != second
    for order in (first, second):
        assert [sorted(order[start : start + 4]) for start in (0, 4, 8)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_readings_are_of_the_frozen_weights_alone(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    model = tiny_model(len(tokenizer)).requires_grad_(False)
    batch = collate([generate(random.Random(3), 16, [])], random.Random(0))

    def read() -> None:
        rerank_losses.RerankLosses(Reader(model, tokenizer), autocast, None, tmp_path).read(batch)

    for part, count in ((model.head.reranker.score, 1), (model.head.late.project, 2), (model.encoder.embeddings.LayerNorm, 3)):
        read()
        part.bias.data += 1
        read()
        assert len(list(tmp_path.iterdir())) == count


def test_controls_see_what_the_head_saw_and_leave_the_run_as_it_was(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run(monkeypatch, world, "controlled", "--stage", "all", "--rerank-weight", "0.5")
    made = json.loads((out / "config.json").read_text())
    seen = made["head_steps"] + made["joint_steps"]
    assert len((out / "control.log.jsonl").read_text().splitlines()) == seen
    lines = [json.loads(line) for line in (out / "controls.log.jsonl").read_text().splitlines()]
    assert len(lines) == VISITS * seen
    assert [line["segments"] for line in lines[:seen]] == [line["segments"] for line in lines[seen : 2 * seen]]
    (out / "control.pt").unlink()
    run(monkeypatch, world, "controlled", "--stage", "control")
    assert json.loads((out / "config.json").read_text()) == made


def test_training_goes_on_from_a_model_folder(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = run(monkeypatch, world, "further", "--from-model", str(TINY_MODEL), "--stage", "joint")
    shipped, _ = load_model(TINY_MODEL)
    static, joint = torch.load(out / "static.pt"), torch.load(out / "joint.pt")
    assert all(torch.equal(weight, static[name]) for name, weight in shipped.encoder.state_dict().items())
    assert torch.equal(joint["head.pool.query"], shipped.head.pool.query)
    name = "update.attention.query.weight"
    moved = (joint[f"head.{name}"] - shipped.head.state_dict()[name]).abs().max()
    assert 0 < moved < 0.01


def test_an_encoder_that_went_on_from_a_model_folder_is_kept_by_later_stages(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run(monkeypatch, world, "onwards", "--from-model", str(TINY_MODEL), "--stage", "static")
    trained, (shipped, _) = torch.load(out / "static.pt"), load_model(TINY_MODEL)
    assert any(not torch.equal(weight, trained[name]) for name, weight in shipped.encoder.state_dict().items())
    run(monkeypatch, world, "onwards", "--from-model", str(TINY_MODEL), "--stage", "joint")
    kept = torch.load(out / "static.pt")
    assert all(torch.equal(weight, kept[name]) for name, weight in trained.items())


def test_late_interaction_goes_on_from_a_model_folder_and_is_what_loads(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run(monkeypatch, world, "late", "--from-model", str(TINY_MODEL), "--stage", "late")
    shipped, _ = load_model(TINY_MODEL)
    trained = torch.load(out / "late.pt")
    loaded = loaded_from(out, shipped)
    for name, weight in shipped.head.state_dict().items():
        assert torch.equal(loaded.head.state_dict()[name], trained.get(name, weight)), name
    assert not torch.equal(trained["late.project.weight"], shipped.head.late.project.weight)
    seen = []
    losses = train.RerankLosses
    monkeypatch.setattr(train, "RerankLosses", lambda reader, *rest: seen.append(reader.model) or losses(reader, *rest))
    run(monkeypatch, world, "late", "--from-model", str(TINY_MODEL), "--stage", "rerank")
    assert torch.equal(seen[0].head.late.project.weight, trained["late.project.weight"])


def test_a_reranker_that_went_on_from_a_model_folder_is_kept_with_its_head(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = run(monkeypatch, world, "reranked", "--from-model", str(TINY_MODEL), "--stage", "rerank")
    shipped, _ = load_model(TINY_MODEL)
    made = json.loads((out / "config.json").read_text())
    assert Config.of(made, shipped.config.d) == shipped.config
    assert made["rerank_weight"] == 1, "the folder's is weighed"
    loaded = loaded_from(out, shipped)
    trained = torch.load(out / "rerank.pt")
    for name, weight in shipped.head.state_dict().items():
        own = trained[name] if name.startswith("reranker.") else weight
        assert torch.equal(loaded.head.state_dict()[name], own), name
    assert not torch.equal(trained["reranker.query.weight"], shipped.head.reranker.query.weight)
    save({name.removeprefix("reranker."): weight for name, weight in trained.items()}, out / "rerank.pt")
    with pytest.raises(ValueError, match="does not fit the model"):
        loaded_from(out, shipped)


def test_without_the_identity_path_context_comes_from_latents() -> None:
    config = Config(d=24, memory_queries=3, capacity=4, heads=2, clock=6, rerank_width=16, rerank_heads=2)
    for identity in (True, False):
        head = Head(Config(**(vars(config) | {"identity_path": identity})))
        latents, static = torch.randn(1, 2, 3, 24), torch.randn(1, 2, 24)
        same_static = head.push(latents + 1, static).static - head.push(latents, static).static
        same_latents = head.push(latents, static + 1).static - head.push(latents, static).static
        assert bool((same_static == 0).all()) is identity and bool((same_latents == 0).all()) is not identity


def test_a_soup_is_the_mean_of_runs_that_differ_in_their_batches(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(monkeypatch, world, "a", "--stage", "head", "--seed", "1", "--init-seed", "7")
    for name, seed, steps in (("b", "11", "2"), ("c", "21", "3")):
        (world / name).mkdir()
        shutil.copyfile(first / "static.pt", world / name / "static.pt")
        run(monkeypatch, world, name, "--stage", "head", "--head-steps", steps, "--seed", seed, "--init-seed", "7")
    runs = [world / name for name in "abc"]
    make_soup(runs, "head", world / "soup")
    heads = [torch.load(path / "head.pt") for path in runs]
    soup = torch.load(world / "soup" / "head.pt")
    name = "head.pool.project.weight"
    torch.testing.assert_close(soup[name], sum(head[name] for head in heads) / 3)
    assert not torch.equal(heads[0][name], heads[1][name])
    run(monkeypatch, world, "soup", "--stage", "rerank", "--init-seed", "7")
    load_model(world / "soup", "head")
    made = json.loads((world / "soup" / "config.json").read_text())["soup"]
    assert made == {"stage": "head", "seeds": [1, 11, 21], "order_seeds": [None] * 3, "steps": [2, 2, 3]}

    other = run(monkeypatch, world, "other", "--stage", "head", "--init-seed", "8")
    with pytest.raises(ValueError, match="differs from .* in init_seed"):
        make_soup([first, other], "head", world / "none")
    changed = torch.load(first / "static.pt")
    save({name: value + 1 for name, value in changed.items()}, world / "b" / "static.pt")
    with pytest.raises(ValueError, match="do not share stage static"):
        make_soup([first, world / "b"], "head", world / "none")
    assert not (world / "none").exists()


def test_rerankers_that_went_on_from_one_model_folder_make_a_soup(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [
        run(monkeypatch, world, f"from {seed}", "--from-model", str(TINY_MODEL), "--stage", "rerank", "--seed", seed, "--init-seed", "7")
        for seed in ("1", "2")
    ]
    make_soup(runs, "rerank", world / "rerankers")
    rerankers = [torch.load(path / "rerank.pt") for path in runs]
    loaded = loaded_from(world / "rerankers", load_model(TINY_MODEL)[0]).head.reranker.query.weight
    torch.testing.assert_close(loaded, sum(reranker["reranker.query.weight"] for reranker in rerankers) / 2)
    assert not torch.equal(rerankers[0]["reranker.query.weight"], rerankers[1]["reranker.query.weight"])


def test_quantise_aware_computes_with_codes_and_trains_what_is_behind_them() -> None:
    tokenizer = tiny_tokenizer()
    model = tiny_model(len(tokenizer)).train(False)
    parameters = encoder_parameters(model, layers=1)
    layer = model.encoder.encoder.layer[1].output.dense
    before = layer.weight.detach().clone()
    plain = Reader(model, tokenizer).static(["the canoe is red"]).detach()
    with quantise_aware(model.encoder):
        assert torch.equal(layer.weight, before), "what is trained stays exact"
        frozen = model.encoder.encoder.layer[0].output.dense.weight
        codes, scales = quantise_rows(frozen)
        torch.testing.assert_close(codes * scales, frozen, atol=1e-6, rtol=0)
        seen = []
        for _ in range(2):
            vector = Reader(model, tokenizer).static(["the canoe is red"])
            vector.square().sum().backward()
            assert layer.weight.grad.abs().sum() > 0
            torch.optim.SGD(parameters, lr=0.05).step()
            seen.append(vector.detach())
        assert not torch.equal(seen[0], plain) and not torch.equal(seen[0], seen[1])
        x = torch.eye(layer.in_features)
        weight = (layer(x) - layer.bias).T
        grid = weight / weight.abs().amax(1, keepdim=True) * 127
        assert (grid - grid.round()).abs().max() < 1e-2, "127 steps to each side"
    torch.testing.assert_close((layer(x) - layer.bias).T, layer.weight, atol=1e-5, rtol=0)


def test_distillation_is_nothing_once_the_teacher_is_matched() -> None:
    teacher = torch.randn(2, 5)
    assert distillation(teacher / 0.5 + 3, teacher).abs().max() < 1e-5
    assert (distillation(torch.zeros(2, 5), teacher) > 0).all()


def test_mixed_batches_hold_sequences_of_several_lengths(world: Path) -> None:
    mixture = Mixture.load(world / "data", "train")
    lengths = batches(mixture, 1, 600, 1.0, mixed=True)(0).valid.sum(1)
    assert lengths.max() > 2 * lengths.min()
