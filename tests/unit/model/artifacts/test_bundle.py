"""Travelling models: they arrive as they left, or are refused."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.artifacts.bundle import MANIFEST, digest_of, pack, unpack, zip_entry
from model.artifacts.card import CARD_NAME, ModelFileError, read_card
from model.inference.predictor import HEAD_FILE, Predictor
from tests.unit.model.layered import BASE, write_adapted


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A packed model."""
    folder = tmp_path_factory.mktemp("packed")
    pack(write_adapted(folder / "m"), folder / "m.wbcmodel", base=BASE)
    return folder / "m.wbcmodel"


def parts_of(bundle: Path) -> dict[str, bytes]:
    """The content of a bundle by name."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(parts: dict[str, bytes], **options: Any) -> bytes:
    """A bundle of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        for name, content in parts.items():
            archive.writestr(name if options else zip_entry(name), content)
    return file.getvalue()


def with_manifest(content: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """The parts under a manifest that states other things, and is signed again."""
    manifest = json.loads(content[MANIFEST]) | changes
    manifest["digest"] = digest_of(manifest)
    return content | {MANIFEST: json.dumps(manifest).encode()}


def opened(content: bytes, folder: Path) -> None:
    """Write bytes as a file and unpack it."""
    (folder / "m.wbcmodel").write_bytes(content)
    target = folder / "arrived"
    target.mkdir()
    unpack(folder / "m.wbcmodel", target, base=BASE)


def test_a_model_arrives_as_it_left(bundle: Path, tmp_path: Path) -> None:
    card = unpack(bundle, tmp_path, base=BASE)
    left = bundle.parent / "m"
    assert card == read_card(left)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in left.iterdir()
    }
    Predictor.open(tmp_path, base=BASE, engine="onnx", threads=1)


def test_equal_models_give_equal_bytes_and_no_draft_stays(bundle: Path, tmp_path: Path) -> None:
    pack(bundle.parent / "m", tmp_path / "again.wbcmodel", base=BASE)
    assert (tmp_path / "again.wbcmodel").read_bytes() == bundle.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.wbcmodel"]


def test_the_base_does_not_travel_nor_does_a_damaged_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="does not travel"):
        pack(BASE, tmp_path / "b.wbcmodel", base=BASE)
    model = write_adapted(tmp_path / "m")
    (model / HEAD_FILE).write_bytes(b"x")
    with pytest.raises(ModelFileError, match=HEAD_FILE):
        pack(model, tmp_path / "m.wbcmodel", base=BASE)
    assert not list(tmp_path.glob("*.wbcmodel*"))


def test_a_model_for_another_base_is_refused(bundle: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    card = read_card(BASE)
    card["files"][HEAD_FILE] = "0" * 64
    (base / "card.json").write_text(json.dumps(card))
    target = tmp_path / "arrived"
    target.mkdir()
    with pytest.raises(ModelFileError, match="was made from the model wbc-robust-1"):
        unpack(bundle, target, base=base)


DEEP = b"[" * 100_000 + b"]" * 100_000

ALTERED: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "no archive": (lambda parts: b"{}" * 50, "no model file"),
    "nothing": (lambda parts: b"", "no model file"),
    "no manifest": (lambda parts: rewritten({"card.json": b"{}"}), "no manifest"),
    "a manifest that is none": (lambda parts: rewritten({MANIFEST: b"["}), "cannot be used"),
    "a later format": (lambda parts: rewritten(with_manifest(parts, format=2)), "not of format 1"),
    "an altered manifest": (
        lambda parts: rewritten(
            parts | {MANIFEST: parts[MANIFEST].replace(b"adapt-1", b"adapt-2")}
        ),
        "manifest was altered",
    ),
    "an altered part": (
        lambda parts: rewritten(parts | {HEAD_FILE: parts[HEAD_FILE][:-1] + b"x"}),
        f"{HEAD_FILE} was altered",
    ),
    "a missing part": (
        lambda parts: rewritten({k: v for k, v in parts.items() if k != HEAD_FILE}),
        f"{HEAD_FILE} is missing",
    ),
    "a part more": (lambda parts: rewritten(parts | {"run.py": b"1"}), r"does not name: run\.py"),
    "a part outside": (
        lambda parts: rewritten(parts | {"../../x.safetensors": b"1"}),
        "does not name",
    ),
    "a named part outside": (
        lambda parts: rewritten(
            with_manifest(parts | {"../x": b"1"}, parts={"card.json": {}, "../x": {}})
        ),
        "parts that no model has",
    ),
    "a graph of its own": (
        lambda parts: rewritten(
            with_manifest(parts | {"model.onnx": b"1"}, parts={"card.json": {}, "model.onnx": {}})
        ),
        "parts that no model has",
    ),
    "packed parts": (
        lambda parts: rewritten(parts, compression=zipfile.ZIP_DEFLATED),
        "are packed",
    ),
    "a card without end": (
        lambda parts: rewritten(
            with_manifest(
                {MANIFEST: parts[MANIFEST], CARD_NAME: DEEP},
                parts={CARD_NAME: {"sha256": sha256(DEEP).hexdigest()}},
            )
        ),
        "cannot be read",
    ),
    "another model": (
        lambda parts: rewritten(with_manifest(parts, model_sha256="0" * 64)),
        "another model than its manifest",
    ),
}


@pytest.mark.parametrize("name", ALTERED)
def test_what_was_altered_is_refused_in_words(name: str, bundle: Path, tmp_path: Path) -> None:
    alter, words = ALTERED[name]
    with pytest.raises(ModelFileError, match=words):
        opened(alter(parts_of(bundle)), tmp_path)
    assert not (tmp_path.parent / "x.safetensors").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(bundle: Path, tmp_path: Path) -> None:
    shutil.copy(bundle, tmp_path / "m.wbcmodel")
    with zipfile.ZipFile(tmp_path / "m.wbcmodel", "a") as archive:
        archive.writestr(HEAD_FILE, b"x")
    with pytest.raises(ModelFileError, match="twice"):
        opened((tmp_path / "m.wbcmodel").read_bytes(), tmp_path)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_with_any_byte_changed_or_cut_is_refused_or_gives_the_same_model(
    bundle: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(bundle.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    folder = tmp_path_factory.mktemp("changed")
    try:
        opened(bytes(content), folder)
    except ModelFileError:
        return
    # Some bytes of an archive, a date for one, say nothing about the model.
    assert (folder / "arrived" / HEAD_FILE).read_bytes() == parts_of(bundle)[HEAD_FILE]
