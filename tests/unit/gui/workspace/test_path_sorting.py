from pathlib import Path

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.workspace.path_sorting import can_create_workspace, is_workspace, sort_paths
from wbc_desktop.store.decoding import IMAGE_SUFFIXES


def made(path: Path) -> Path:
    """Make a file, or a folder where the name has no ending."""
    if path.suffix:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    else:
        path.mkdir(parents=True)
    return path


def test_a_workspace_is_opened_by_its_folder_or_its_file(tmp_path: Path) -> None:
    file = made(tmp_path / "ward 2" / "workspace.wbc")
    assert sort_paths([file]).workspace == file
    assert sort_paths([file.parent]).workspace == file.parent
    assert not is_workspace(tmp_path)


def test_folders_and_archives_are_imported_together(tmp_path: Path) -> None:
    paths = [made(tmp_path / name) for name in ("P-1", "P-2", "batch.ZIP", "cells.h5")]
    found = sort_paths(paths)
    assert found.imports == tuple(paths)
    assert (found.workspace, found.left_out) == (None, "")


def test_what_lies_between_the_folders_is_named_and_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "P-1")
    others = [made(tmp_path / f"{n}.txt") for n in range(5)]
    found = sort_paths([others[0], folder, *others[1:]])
    assert found.imports == (folder,)
    assert "0.txt, 1.txt, 2.txt and 2 more" in found.left_out


@pytest.mark.parametrize(
    ("name", "title", "advice"),
    [
        ("notes.docx", "cannot be imported", "ZIP"),
        ("cell.png", "single image", "folder it lies in"),
        ("copy.wbc", "not a workspace", "workspace.wbc"),
    ],
)
def test_anything_else_says_why_not(tmp_path: Path, name: str, title: str, advice: str) -> None:
    with pytest.raises(UserError, match=title) as refused:
        sort_paths([made(tmp_path / name)])
    assert refused.value.detail == str(tmp_path / name)
    assert advice in refused.value.advice


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_every_image_that_can_be_read_is_known_as_one(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(UserError, match="single image"):
        sort_paths([made(tmp_path / f"cell{suffix}")])
    assert not can_create_workspace(tmp_path / f"new{suffix.upper()}")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder or file"):
        sort_paths([tmp_path / "gone"])


def test_a_workspace_among_other_things_is_refused(tmp_path: Path) -> None:
    workspace = made(tmp_path / "ward 2" / "workspace.wbc").parent
    with pytest.raises(UserError, match="together with other things"):
        sort_paths([made(tmp_path / "P-1"), workspace])


def test_a_new_workspace_begins_where_nothing_is(tmp_path: Path) -> None:
    assert can_create_workspace(tmp_path / "new")
    assert can_create_workspace(made(tmp_path / "empty"))
    assert can_create_workspace(tmp_path / "new" / "workspace.wbc")
    assert not can_create_workspace(tmp_path / "mistyped.wbc")
    assert not can_create_workspace(tmp_path / "mistyped.zip")
    made(tmp_path / "P-1" / "a.png")
    assert not can_create_workspace(tmp_path / "P-1")
    assert not can_create_workspace(tmp_path / "P-1" / "a.png")
