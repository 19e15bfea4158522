"""Folders of models: whole or not there, and nothing in them that could run."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.model_registry import ModelFolders, check_files, read_card


def model(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with files and a card that names them."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    stated = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (folder / "card.json").write_text(json.dumps({"model_id": "m", "files": stated}))
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> ModelFolders:
    (tmp_path / "workspace").mkdir()
    return ModelFolders(tmp_path / "workspace")


def test_a_model_is_taken_with_what_its_card_names_and_nothing_else(
    folders: ModelFolders, tmp_path: Path
) -> None:
    source = model(tmp_path / "source", {"head.safetensors": b"head"})
    (source / "run.py").write_text("print()")
    place = folders.add("m+adapt-1", source)
    assert sorted(path.name for path in place.iterdir()) == ["card.json", "head.safetensors"]
    assert folders.has("m+adapt-1")
    assert [path.name for path in folders.folder.iterdir()] == ["m+adapt-1"]
    other = model(tmp_path / "other", {"head.safetensors": b"another"})
    folders.add("m+adapt-1", other)
    assert (place / "head.safetensors").read_bytes() == b"another"
    assert [path.name for path in folders.folder.iterdir()] == ["m+adapt-1"]


@pytest.mark.parametrize(
    "name", ["run.py", "model.onnx", "../x.safetensors", ".x.json", "a/b.json"]
)
def test_a_card_that_names_anything_but_arrays_and_json_is_refused(
    folders: ModelFolders, tmp_path: Path, name: str
) -> None:
    source = model(tmp_path / "source", {})
    card = {"model_id": "m", "files": {name: "0" * 64}}
    (source / "card.json").write_text(json.dumps(card))
    with pytest.raises(UserError, match="of a kind that no model has"):
        folders.add("m", source)
    assert not folders.has("m")


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_source_leaves_nothing_behind(
    folders: ModelFolders, tmp_path: Path, harm: str
) -> None:
    source = model(tmp_path / "source", {"head.safetensors": b"head"})
    if harm == "gone":
        (source / "head.safetensors").unlink()
    else:
        (source / "head.safetensors").write_bytes(b"heap")
    with pytest.raises(UserError, match="damaged"):
        folders.add("m", source)
    assert not folders.folder.exists() or not [*folders.folder.iterdir()]


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", ".hidden", "x" * 200, "end."])
def test_what_is_no_name_is_refused(folders: ModelFolders, name: str) -> None:
    with pytest.raises(UserError, match="no name of a model"):
        folders.path(name)


@pytest.mark.parametrize("text", ["{", "[]", '{"files": []}', "[" * 100_000])
def test_a_card_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(UserError, match="damaged"):
        read_card(tmp_path)
    with pytest.raises(UserError, match="missing"):
        read_card(tmp_path / "nowhere")


def test_what_a_crash_left_behind_goes_a_day_later(folders: ModelFolders, tmp_path: Path) -> None:
    old, young = folders.folder / ".new-old", folders.folder / ".new-young"
    for left in (old, young):
        left.mkdir(parents=True)
    os.utime(old, (time.time() - 90_000,) * 2)
    folders.add("m", model(tmp_path / "source", {}))
    assert not old.exists()
    assert young.exists()


def test_the_files_of_a_card_are_named(tmp_path: Path) -> None:
    folder = model(tmp_path / "m", {"head.safetensors": b"1", "facts.json": b"2"})
    assert check_files(folder, read_card(folder)) == ("head.safetensors", "facts.json")
