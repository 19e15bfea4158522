"""A file is the old one or the new one, and a folder is there with its name or not at all."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from wbc_desktop.atomic_write import atomic_file, put_in_place


def test_a_file_is_replaced_when_the_block_ends_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with atomic_file(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
        file.seek(0)
        assert file.read() == b"new"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with suppress(KeyboardInterrupt), atomic_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are not modes there")
def test_a_private_file_is_read_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for private, mode in ((True, 0o600), (False, 0o644)):
            with atomic_file(tmp_path / "file", private=private):
                pass
            assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
    finally:
        os.umask(before)


def test_what_was_written_is_flushed_before_and_its_folder_after_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "file", []
    flush = os.fsync

    def watched(handle: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(handle).st_mode), path.exists()))
        flush(handle)

    monkeypatch.setattr(os, "fsync", watched)
    with atomic_file(path) as file:
        file.write(b"x")
    assert seen == [(False, False)] + ([(True, True)] if os.name == "posix" else [])
    (tmp_path / "draft").mkdir()
    put_in_place(tmp_path / "draft", tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()
