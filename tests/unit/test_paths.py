"""Where the program looks for the user's folders and for its own resources."""

import shutil
import sys
from pathlib import Path

import pytest

from wbc_desktop import paths


def test_tests_never_see_the_users_own_folders(fresh_folders: Path) -> None:
    for folder in (paths.config_dir(), paths.log_dir(), paths.default_workspace()):
        assert folder.is_relative_to(fresh_folders)


def test_a_checkout_finds_the_resources_beside_the_package() -> None:
    assert paths.resources_dir() == Path(paths.__file__).parents[1] / "resources"
    assert paths.models_dir().is_dir()


def test_a_frozen_program_finds_them_in_its_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources_dir() == tmp_path / "resources"


@pytest.mark.parametrize("place", ["wbc_desktop/_resources", "resources"])
def test_an_installed_copy_finds_them_where_they_were_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    package = tmp_path / "wbc_desktop"
    package.mkdir()
    shutil.copy(paths.__file__, package)
    (tmp_path / place).mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.resources_dir() == tmp_path / place


def test_an_incomplete_installation_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "paths.py"))
    with pytest.raises(FileNotFoundError, match="no resources folder"):
        paths.resources_dir()
