"""Layered models: what is theirs, what is the base's, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.array_files import write_arrays
from model.artifacts.card import CARD_NAME, ModelFileError, model_sha256, read_card
from model.artifacts.layered_model import ModelFiles, write_layer_card
from model.inference.engines import ONNX_WEIGHTS_FILE
from model.inference.onnx_weights import float_initializers
from model.inference.predictor import HEAD_FILE, Predictor
from model.network.head import Head
from tests.unit.model.layered import BASE, layer_facts, write_adapted, write_tuned

CROPS = [np.random.default_rng(4).integers(0, 256, (128, 128, 3), dtype=np.uint8)]
BIAS = "net.conv_head.weight_bias"


def test_an_adapted_model_says_other_things_of_the_same_embeddings(tmp_path: Path) -> None:
    base = Predictor.open(BASE, engine="onnx", threads=1)
    adapted = Predictor.open(
        write_adapted(tmp_path / "m", turn=0.5), base=BASE, engine="onnx", threads=1
    )
    before, after = base.predict(CROPS), adapted.predict(CROPS)
    np.testing.assert_array_equal(before.embedding, after.embedding)
    np.testing.assert_allclose(after.logits - before.logits, np.eye(16)[:1] * 0.5, atol=1e-5)
    assert adapted.model_id == "wbc-robust-1+adapt-1"
    assert adapted.model_sha256 != base.model_sha256
    assert adapted.embedding_sha256 == base.embedding_sha256 == base.model_sha256


def test_a_whole_model_needs_no_base_and_ignores_one(tmp_path: Path) -> None:
    assert ModelFiles.of(BASE, base=tmp_path).embedding_sha256 == model_sha256(read_card(BASE))


def test_a_fine_tuned_model_has_embeddings_of_its_own(tmp_path: Path) -> None:
    shape = float_initializers((BASE / "model.onnx").read_bytes())[BIAS].shape
    folder = write_tuned(tmp_path / "m", {BIAS: np.zeros(shape, np.float32)})
    tuned = Predictor.open(folder, base=BASE, engine="onnx", threads=1)
    base = Predictor.open(BASE, engine="onnx", threads=1)
    assert tuned.embedding_sha256 == tuned.model_sha256 != base.model_sha256
    assert np.abs(tuned.predict(CROPS).embedding - base.predict(CROPS).embedding).max() > 0.01


def test_weights_that_do_not_fit_the_graph_are_refused(tmp_path: Path) -> None:
    folder = write_tuned(tmp_path / "m", {BIAS: np.zeros((2, 2), np.float32)})
    with pytest.raises(ModelFileError, match=BIAS):
        Predictor.open(folder, base=BASE, engine="onnx")


def test_a_backbone_for_torch_alone_never_runs_on_the_graph_of_the_base(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    shutil.copy(BASE / "weights.safetensors", folder)
    names = ["weights.safetensors"]
    write_layer_card(folder, names, base_card=read_card(BASE), facts=layer_facts("a+finetune-1"))
    with pytest.raises(ModelFileError, match=ONNX_WEIGHTS_FILE):
        Predictor.open(folder, base=BASE, engine="onnx")
    assert Predictor.open(folder, base=BASE, device="cpu").engine_name == "torch"


def test_the_digest_of_a_layered_model_covers_its_base(tmp_path: Path) -> None:
    card = read_card(write_adapted(tmp_path / "m"))
    other = card | {"base": card["base"] | {"model_sha256": "f" * 64}}
    assert model_sha256(card) != model_sha256(other)


def test_another_base_or_none_is_refused(tmp_path: Path) -> None:
    adapted = write_adapted(tmp_path / "m")
    with pytest.raises(ModelFileError, match="needs the model wbc-robust-1"):
        Predictor.open(adapted)
    with pytest.raises(ModelFileError, match="the one here is wbc-robust-1"):
        Predictor.open(adapted, base=adapted)
    other = tmp_path / "other"
    other.mkdir()
    card = read_card(BASE)
    card["files"][HEAD_FILE] = "0" * 64
    (other / CARD_NAME).write_text(json.dumps(card))
    with pytest.raises(ModelFileError, match="the one here is"):
        Predictor.open(adapted, base=other)


@pytest.mark.parametrize("name", [HEAD_FILE, CARD_NAME])
def test_a_damaged_or_missing_file_is_refused_by_name(name: str, tmp_path: Path) -> None:
    adapted = write_adapted(tmp_path / "m")
    content = (adapted / name).read_bytes()
    (adapted / name).write_bytes(content[:-60])
    with pytest.raises(ModelFileError, match=name):
        Predictor.open(adapted, base=BASE)
    (adapted / name).unlink()
    with pytest.raises(ModelFileError, match=name):
        Predictor.open(adapted, base=BASE)


def test_a_damaged_base_is_refused_by_the_name_of_its_file(tmp_path: Path) -> None:
    adapted, base = write_adapted(tmp_path / "m"), tmp_path / "base"
    shutil.copytree(BASE, base)
    (base / "model.onnx").write_bytes(b"x")
    with pytest.raises(ModelFileError, match=r"model\.onnx"):
        Predictor.open(adapted, base=base, engine="onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"base": "wbc-robust-1"},
        {"base": {"model_id": "wbc-robust-1"}},
        {"base": {"model_id": 3, "model_sha256": None}},
        {"files": {"model.onnx": "0" * 64}},
        {"files": {"../head.safetensors": "0" * 64}},
        {"files": []},
        {"files": 3},
    ],
)
def test_a_card_that_names_no_base_or_strange_files_is_refused(
    change: dict[str, object], tmp_path: Path
) -> None:
    adapted = write_adapted(tmp_path / "m")
    card = json.loads((adapted / CARD_NAME).read_text()) | change
    (adapted / CARD_NAME).write_text(json.dumps(card))
    with pytest.raises(ModelFileError, match=CARD_NAME):
        ModelFiles.of(adapted, base=BASE)


def test_a_head_that_is_none_or_speaks_of_other_classes_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    arrays = {"weight": np.zeros((2, 1280), np.float32), "bias": np.zeros(2, np.float32)}
    for number, extra in enumerate(({}, {"temperature": np.ones(1, np.float32)})):
        notes = {"classes": ["lymphocyte", "monocyte"]}
        write_arrays(folder / HEAD_FILE, {**arrays, **extra}, notes=notes)
        facts = layer_facts(f"a+adapt-{number}")
        write_layer_card(folder, [HEAD_FILE], base_card=read_card(BASE), facts=facts)
        with pytest.raises(ModelFileError, match=r"cannot be used|does not fit"):
            Predictor.open(folder, base=BASE, engine="onnx")


def test_a_head_for_embeddings_of_another_width_is_refused(tmp_path: Path) -> None:
    adapted = write_adapted(tmp_path / "m")
    classes = read_card(BASE)["classes"]
    Head(np.zeros((16, 9), np.float32), np.zeros(16, np.float32), 1.0, tuple(classes)).save(
        adapted / HEAD_FILE
    )
    write_layer_card(
        adapted, [HEAD_FILE], base_card=read_card(BASE), facts=layer_facts("a+adapt-1")
    )
    with pytest.raises(ModelFileError, match=r"does not fit .*head\.safetensors"):
        Predictor.open(adapted, base=BASE, engine="onnx")
