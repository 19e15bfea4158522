"""Folder trees, with everything that lies about in them."""

import os
import sys
from pathlib import Path

import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.listing import crops, others, paths, problems, read_all
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources import open_source
from wbc_desktop.store.sources.base import MAX_FILE_BYTES

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file names and links")


def test_images_are_found_at_every_depth_and_read_as_they_are(tmp_path: Path) -> None:
    files = {
        "a.jpg": drawn_crops.jpeg(0),
        "s1/b.PNG": drawn_crops.png(1),
        "s1/deep/c.tiff.tiff": b"not checked here",
    }
    source = open_source(drawn_crops.write(tmp_path / "P 001", files))
    assert source.name == "P 001"
    assert read_all(source) == files


def test_what_is_no_image_is_counted_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    files = {
        "notes.txt": b"",
        "labels.csv": b"",
        ".DS_Store": b"",
        "Thumbs.db": b"",
        ".hidden/cell.png": b"",
        "__MACOSX/._cell.png": b"",
        "cell.png": b"",
    }
    source = open_source(drawn_crops.write(tmp_path, files))
    assert paths(source) == ["cell.png"]
    assert others(source) == ["labels.csv", "notes.txt"]
    assert problems(source) == {}


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    assert list(open_source(tmp_path).entries()) == []


def test_a_workspace_is_not_a_patient(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path, {"w/workspace.wbc": b"", "w/a.png": b"", "b.png": b""})
    with pytest.raises(UserError, match="is a workspace"):
        list(open_source(tmp_path / "w").entries())
    above = open_source(tmp_path)
    assert paths(above) == ["b.png"]
    assert problems(above) == {"w": "a workspace, not a folder of images"}


def test_a_zip_among_images_is_mentioned(tmp_path: Path) -> None:
    source = open_source(drawn_crops.write(tmp_path, {"more.zip": b""}))
    assert "import it by itself" in problems(source)["more.zip"]


@pytest.mark.parametrize("name", ["gone", "cell.png"])
def test_what_cannot_be_imported_is_refused_with_advice(tmp_path: Path, name: str) -> None:
    drawn_crops.write(tmp_path, {"cell.png": drawn_crops.png()})
    with pytest.raises(UserError, match=name) as caught:
        open_source(tmp_path / name)
    assert caught.value.advice


@posix
def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path, {"s1/a.png": b""})
    (tmp_path / "s1" / "up").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "dead.png").symlink_to("nowhere.png")
    source = open_source(tmp_path)
    assert paths(source) == ["s1/a.png"]
    assert problems(source) == {
        "dead.png": "a link that leads nowhere",
        "itself": "a link that leads nowhere",
        "s1/up": "a link to a folder that was read already",
    }


@posix
def test_links_to_images_and_folders_elsewhere_are_followed(tmp_path: Path) -> None:
    drawn_crops.write(tmp_path, {"store/s1/a.png": b"A", "store/b.png": b"B"})
    (tmp_path / "P1").mkdir()
    (tmp_path / "P1" / "slide").symlink_to(tmp_path / "store" / "s1")
    (tmp_path / "P1" / "b.png").symlink_to(tmp_path / "store" / "b.png")
    assert read_all(open_source(tmp_path / "P1")) == {"b.png": b"B", "slide/a.png": b"A"}


@posix
def test_a_pipe_does_not_stop_the_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert list(open_source(tmp_path).entries()) == []


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="APFS refuses such names")
def test_a_name_that_is_no_text_is_read_all_the_same(tmp_path: Path) -> None:
    raw = os.fsdecode(b"Z\xfcrich.png")
    (tmp_path / raw).write_bytes(b"data")
    assert read_all(open_source(tmp_path)) == {r"Z\xfcrich.png": b"data"}


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    source = open_source(drawn_crops.write(tmp_path, {"s/a.png": b"A"}))
    (found,) = crops(source)
    (tmp_path / "s" / "a.png").unlink()
    with source.opened() as reader, pytest.raises(UserError, match=r"gone: s/a\.png"):
        reader.read(found)
    assert source.reachable()


def test_a_folder_that_went_away_is_noticed(tmp_path: Path) -> None:
    source = open_source(drawn_crops.write(tmp_path / "stick", {"a.png": b"A"}))
    assert source.reachable()
    (tmp_path / "stick").rename(tmp_path / "pulled")
    assert not source.reachable()
    with pytest.raises(UserError, match="gone"):
        list(source.entries())


def test_a_huge_file_is_no_crop(tmp_path: Path) -> None:
    with (tmp_path / "scan.tif").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # a hole: no disk is used
    with pytest.raises(UserError, match="too large"):
        read_all(open_source(tmp_path))
