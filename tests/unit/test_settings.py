import json
from pathlib import Path

import pytest

from wbc_desktop.settings import SETTINGS, Settings, default_file


def test_every_setting_has_a_default_that_it_accepts() -> None:
    for setting in SETTINGS:
        assert setting.accepts(setting.default)
        assert setting.text.endswith(".")


def test_a_value_is_there_after_a_restart(tmp_path: Path) -> None:
    Settings(tmp_path / "settings.json").set("reader", "Zoë")
    assert Settings(tmp_path / "settings.json").text("reader") == "Zoë"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"reader": 7}', "\x00"])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content, encoding="utf-8")
    assert Settings(file).text("reader") == ""


def test_a_value_out_of_range_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"tile_size": 9000, "theme": "pink"}), encoding="utf-8")
    settings = Settings(file)
    assert settings.number("tile_size") == 112
    assert settings.text("theme") == "system"
    with pytest.raises(ValueError, match="tile_size"):
        settings.set("tile_size", 9000)


def test_a_failed_write_keeps_the_value_and_the_old_file(tmp_path: Path) -> None:
    blocked = tmp_path / "no folder"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    errors: list[OSError] = []
    settings = Settings(blocked / "settings.json", on_write_error=errors.append)
    settings.set("reader", "Ada")
    assert settings.text("reader") == "Ada"
    assert len(errors) == 1


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    for size in range(64, 100):
        settings.set("tile_size", size)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_the_folder_can_be_named_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WBC_CONFIG_DIR", str(tmp_path))
    assert default_file() == tmp_path / "settings.json"
