"""The export, on the tiny model: what is written is what PyTorch computes; what is wrong is not written."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file

import export as exporting
import tiny_model
from calibrate import fit
from encoder_graph import encoder_graphs
from encoding import Reader
from golden import GoldenTexts
from interpolate import KEPT, move, require_reranker
from model_folder import FORMAT, load_model_folder
from parity import Graphs, ParityError, check_cases, head_cases
from quantise import codes_of, pack_head, quantise_encoder_, quantise_rows, unpack_head
from rounding import round_activations_, rounding_layers
from template import render_segment

FIXTURES = Path(__file__).parents[2] / "tests" / "fixtures"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fixtures") / "tiny-model"
    tiny_model.write(out)
    return out


@pytest.fixture(scope="module")
def model():
    tokenizer = tiny_model.tiny_tokenizer()
    model = tiny_model.tiny_model(len(tokenizer))
    round_activations_(Reader(model, tokenizer), tiny_model.CONVERSATION.segments + tiny_model.CONVERSATION.queries)
    return model


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "evo.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_the_manifest_names_every_file_with_its_hash_and_size(folder: Path):
    manifest = json.loads((folder / "evo.json").read_text())
    files = files_of(folder)
    assert manifest["files"] == {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for path, data in files.items()
    }


def test_the_fixture_in_the_repository_is_what_the_code_makes(folder: Path):
    for path in ("head.safetensors", "tokenizer.json", "tokenizer_config.json", "config.json"):
        assert (folder / path).read_bytes() == (FIXTURES / "tiny-model" / path).read_bytes(), path
    for name in ("parity.safetensors", *(f"tiny-model/{path}" for path in exporting.GOLDEN.values())):
        made, kept = load_file(folder.parent / name), load_file(FIXTURES / name)
        assert made.keys() == kept.keys()
        for key in kept:
            torch.testing.assert_close(made[key], kept[key], rtol=2e-3, atol=2e-3, msg=key)
    assert (folder.parent / "lexical.json").read_bytes() == (FIXTURES / "lexical.json").read_bytes()


def test_graphs_hold_no_weights_of_their_own(folder: Path):
    for name in ("read", "memory_update", "project", "represent", "rerank"):
        path = folder / f"onnx/{name}.onnx"
        graph = onnx.load(path, load_external_data=False).graph
        external = [t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
        assert external and {t.data_type for t in external} == {onnx.TensorProto.FLOAT16, onnx.TensorProto.INT8}
        inside = sum(np.prod(t.dims) for t in graph.initializer if t not in external)
        assert inside < 200, f"{name} holds {inside} numbers"


def test_one_changed_weight_is_found(folder: Path, model):
    files = files_of(folder)
    cases = head_cases(exporting.as_shipped(model).head)
    check_cases(Graphs(files), cases)
    weights = bytearray(files["head.safetensors"])
    weights[-1] ^= 0x80  # the sign of one weight
    with pytest.raises(ParityError, match=r"memory_update, empty queue: latents\[.*\] is off by"):
        check_cases(Graphs(files | {"head.safetensors": bytes(weights)}), cases)


def test_a_graph_that_computes_other_numbers_is_not_written(tmp_path: Path, model, monkeypatch):
    other = copy.deepcopy(model.encoder)
    with torch.no_grad():
        other.encoder.layer[1].output.dense.bias[3] += 0.01
    monkeypatch.setattr(exporting, "encoder_graphs", lambda _: encoder_graphs(other))
    about = exporting.About("bad", "1.0.0", {})
    with pytest.raises(ParityError, match="model, one token: last_hidden_state"):
        exporting.export(model, tiny_model.tiny_tokenizer(), about, tmp_path / "bad", tiny_model.CONVERSATION)
    assert not (tmp_path / "bad").exists()


def test_a_golden_text_too_long_for_the_encoder_is_named(tmp_path: Path, model):
    texts = GoldenTexts(["short", "word " * 40], [])
    with pytest.raises(ValueError, match="42 tokens, the encoder reads 32: 'word word"):
        exporting.golden_vectors(model, tiny_model.tiny_tokenizer(), texts)


@pytest.mark.parametrize("graph", ["model_quantized", "model"])
def test_a_text_has_the_same_states_alone_and_in_a_batch(folder: Path, graph: str):
    graphs = Graphs(files_of(folder))
    texts = ["canoe", "where do you live now?"]
    batch = dict(tiny_model.tiny_tokenizer()(texts, padding=True, return_tensors="pt"))
    alone = {name: ids[:1, :3] for name, ids in batch.items()}
    together = graphs.run(graph, batch)["last_hidden_state"][:1, :3]
    torch.testing.assert_close(graphs.run(graph, alone)["last_hidden_state"], together)


def test_both_graphs_of_the_encoder_take_their_constants_from_one_file(folder: Path):
    for path in exporting.ENCODERS.values():
        graph = onnx.load(folder / path, load_external_data=False).graph
        external = [t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
        assert {entry.value for t in external for entry in t.external_data if entry.key == "location"} == {
            Path(exporting.ENCODER_WEIGHTS).name
        }
        inside = sum(np.prod(t.dims) for t in graph.initializer if t not in external)
        assert inside < 300, f"{path} holds {inside} numbers"


def test_an_encoder_without_grids_is_not_written(tmp_path: Path):
    tokenizer = tiny_model.tiny_tokenizer()
    with pytest.raises(ValueError, match="no grid to round to: round_activations_ gives them one"):
        exporting.export(tiny_model.tiny_model(len(tokenizer)), tokenizer, exporting.About("bad", "1", {}), tmp_path / "bad")
    assert not (tmp_path / "bad").exists()


def test_quantised_rows_are_fitted_each_on_its_own():
    torch.manual_seed(0)
    weight = torch.randn(20, 64) * torch.logspace(-3, 2, 20)[:, None]
    weight[:, 0] *= 8
    codes, scales = quantise_rows(weight)
    plain = weight.abs().amax(1, keepdim=True) / 127
    errors = (weight - codes * scales).square().sum(1)
    assert (errors <= (weight - (weight / plain).round() * plain).square().sum(1)).all()
    alone, scale = quantise_rows(weight[7:8])
    assert torch.equal(alone[0], codes[7]) and torch.equal(scale[0], scales[7])


def test_quantising_twice_changes_nothing(model):
    once = quantise_encoder_(copy.deepcopy(model.encoder))
    twice = quantise_encoder_(copy.deepcopy(once))
    for name, weight in once.named_parameters():
        rounds = name.removesuffix(".weight") in rounding_layers(once)  # its gains cost the last bit
        tolerance = 1e-6 if rounds else 0
        torch.testing.assert_close(dict(twice.named_parameters())[name], weight, rtol=tolerance, atol=0, msg=name)
    for (name, layer), again in zip(rounding_layers(once).items(), rounding_layers(twice).values(), strict=True):
        assert torch.equal(codes_of(layer)[0], codes_of(again)[0]), name


def test_matrices_of_the_head_are_codes_with_a_scale_a_row_and_all_else_is_f16(folder: Path, model):
    stored = load_file(folder / "head.safetensors")
    kinds = {name: (tensor.dtype, list(tensor.shape)) for name, tensor in stored.items()}
    assert kinds["update.attention.key_value.weight"] == (torch.int8, [72, 36])
    assert kinds["update.attention.key_value.weight.scales"] == (torch.float16, [72, 1])
    assert all(kinds[name][0] == torch.float16 for name in ("pool.query", "update.norm.weight", "represent.role"))
    for name, weight in unpack_head(stored).items():
        original = model.head.state_dict()[name]
        assert (weight - original).norm() <= 0.01 * original.norm(), name
        assert torch.equal(weight, weight.half().float()), f"{name} is not exact in f16"


def test_packing_the_head_twice_changes_nothing(folder: Path, model):
    packed = load_file(folder / "head.safetensors")
    again = copy.deepcopy(model.head)
    again.load_state_dict(unpack_head(packed))
    for name, tensor in pack_head(again).items():
        assert torch.equal(packed[name], tensor), name


def test_a_head_whose_weights_are_all_f16_is_read_as_it_is(model):
    halves = {name: weight.half() for name, weight in model.head.state_dict().items()}
    assert all(torch.equal(weight, halves[name].float()) for name, weight in unpack_head(halves).items())


def test_a_folder_is_read_back_as_shipped(folder: Path, model):
    read, _ = load_model_folder(folder)
    shipped = exporting.as_shipped(model).state_dict()
    assert read.state_dict().keys() == shipped.keys()
    for name, weight in read.state_dict().items():
        assert torch.equal(weight, shipped[name]), name


def test_calibration_recovers_the_probability_it_was_drawn_from():
    random = np.random.default_rng(0)
    scores = random.uniform(-1, 2, 20000)
    relevant = random.random(20000) < 1 / (1 + np.exp(-(5 * scores - 3)))
    found = fit(scores, relevant)
    assert abs(found.slope - 5) < 0.25 and abs(found.intercept + 3) < 0.2
    with pytest.raises(ValueError, match="0 of 3 scores are relevant"):
        fit(np.ones(3), np.zeros(3))


def test_templates_render_as_the_engine_does():
    for case in json.loads((FIXTURES / "templates.json").read_text()):
        segment = case["segment"]
        time = datetime.fromtimestamp(segment["time"] / 1000, UTC) if "time" in segment else None
        assert render_segment(segment["text"], segment.get("role"), time) == case["rendered"]


def test_a_model_moves_by_a_share_of_the_way_but_for_what_is_kept(model):
    here, there = copy.deepcopy(model.head), copy.deepcopy(model.head)
    for weight in there.parameters():
        weight.data += 1
    move(here, there, 0.25, KEPT)
    for (name, moved), before in zip(here.named_parameters(), model.head.parameters(), strict=True):
        torch.testing.assert_close(moved - before, torch.full_like(moved, 0.0 if name.startswith(KEPT) else 0.25))
    with pytest.raises(ValueError, match="from 0 to 1, not 1.5"):
        move(here, there, 1.5)
    with pytest.raises(ValueError, match="not the same weights"):
        move(here, there.update, 0.5)


def test_the_space_is_that_of_the_vectors_alone(folder: Path):
    files, head = files_of(folder), load_file(folder / "head.safetensors")
    space = json.loads((folder / "evo.json").read_text())["space"]
    assert exporting.space(files) == space

    def with_other(name: str) -> dict[str, bytes]:
        return files | {"head.safetensors": exporting.save(head | {name: head[name] + 1})}

    assert exporting.space(with_other("reranker.places.kind.bias")) == space
    assert exporting.space(with_other("late.project.bias")) != space
    for path in exporting.ENCODERS.values():
        graph = onnx.load_from_string(files[path])
        graph.graph.node[-1].name = "another name"  # of the middle states
        assert exporting.space(files | {path: graph.SerializeToString()}) == space
        graph.graph.node[0].name = "another name"
        assert exporting.space(files | {path: graph.SerializeToString()}) != space


def test_a_folder_of_another_reranker_is_refused_or_grown(folder: Path, tmp_path: Path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    head, name = load_file(folder / "head.safetensors"), "reranker.places.anchor.weight"
    other = {key: weight for key, weight in head.items() if not key.startswith("reranker.places.wanted")}
    gone = {"reranker.places.gate.bias": torch.zeros(1), "reranker.places.wanted.weight": torch.zeros(12, 32)}
    (tmp_path / "head.safetensors").write_bytes(exporting.save(other | gone))
    with pytest.raises(ValueError, match="does not fit the model; train.py --from-model makes one that does: .*places"):
        load_model_folder(tmp_path)
    grown, _ = load_model_folder(tmp_path, grow=True)
    own = load_model_folder(folder)[0].head.state_dict()
    assert torch.equal(grown.head.state_dict()[name], own[name])
    assert not grown.head.reranker.places.wanted.weight.any()
    whole, _ = load_model_folder(folder)
    require_reranker(folder, whole)
    with pytest.raises(ValueError, match="lacks reranker.places.wanted.weight$"):
        require_reranker(tmp_path, whole)


def test_a_folder_from_before_the_floor_trusts_its_reranker_whatever_is_asked(folder: Path, tmp_path: Path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    manifest = json.loads((folder / "evo.json").read_text())
    before = {"format": 6, "rerank": {"candidates": manifest["rerank"]["candidates"]}}
    (tmp_path / "evo.json").write_text(json.dumps(manifest | before))
    model, own = load_model_folder(tmp_path, grow=True)[0], load_model_folder(folder)[0]
    assert (model.config.rerank_floor, own.config.rerank_floor) == (1.0, 0.4)
    other = {name for name, weight in model.state_dict().items() if not torch.equal(weight, own.state_dict()[name])}
    lacked = {name for name in own.state_dict() if ".reranker.matches." in name}
    assert lacked and other == {"head.reranker.places.wanted.weight"} | lacked


@pytest.mark.parametrize(
    ("format", "lacks"),
    [
        (4, ("reranker.question", "reranker.places", "reranker.matches")),
        (5, ("nothing",)),
        (7, ("nothing",)),
        (8, ("reranker.matches",)),
    ],
)
def test_a_folder_of_an_older_format_grows_only_where_that_is_wanted(
    format: int, lacks: tuple[str, ...], folder: Path, tmp_path: Path
):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    head = load_file(folder / "head.safetensors")
    left = {name: weight for name, weight in head.items() if not name.startswith(lacks)}
    (tmp_path / "head.safetensors").write_bytes(exporting.save(left))
    manifest = json.loads((folder / "evo.json").read_text())
    (tmp_path / "evo.json").write_text(json.dumps(manifest | {"format": format}))
    with pytest.raises(ValueError, match=f"has format {format}; train.py --from-model makes {FORMAT} of it"):
        load_model_folder(tmp_path)
    own, grown = load_model_folder(folder)[0].head.reranker, load_model_folder(tmp_path, grow=True)[0].head.reranker
    assert torch.equal(grown.query.weight, own.query.weight)
    assert torch.equal(grown.question.value.weight, own.question.value.weight) == (format > 5)  # read another layer
    assert torch.equal(grown.places.kind.weight, own.places.kind.weight) == (format > 4)
    assert own.places.wanted.weight.any() and grown.places.wanted.weight.any() == (format > 7)  # wanted other numbers
    assert own.matches.output.weight.any() and not grown.matches.output.weight.any()
