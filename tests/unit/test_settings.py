import json
from pathlib import Path

import pytest

from wbc_desktop.settings import SETTINGS, Settings, default_file, offered


def repr_short(content: bytes) -> str:
    return repr(content[:8])


def test_every_setting_has_a_default_that_it_accepts() -> None:
    for setting in SETTINGS:
        assert setting.accepts(setting.default)
        assert setting.text.endswith(".")


def test_a_value_is_there_after_a_restart(tmp_path: Path) -> None:
    Settings(tmp_path / "settings.json").set("reader", "Zoë")
    assert Settings(tmp_path / "settings.json").text("reader") == "Zoë"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\x00", b"\xff\xfe", b"[" * 100_000], ids=repr_short
)
def test_a_damaged_file_counts_as_empty_and_is_set_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    settings = Settings(file)
    assert settings.text("reader") == ""
    assert settings.set_aside is not None
    settings.set("reader", "Ada")
    assert settings.set_aside.read_bytes() == content
    again = Settings(file)
    assert (again.text("reader"), again.set_aside) == ("Ada", None)


def test_damaged_files_do_not_pile_up(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    for n in range(6):
        file.write_text(f"{{ {n}", encoding="utf-8")
        assert Settings(file).set_aside is not None
    assert len(list(tmp_path.iterdir())) == 3
    assert "{ 5" in {path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}


def test_a_value_of_another_kind_is_ignored_and_the_others_are_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"reader": 7, "theme": "dark"}', encoding="utf-8")
    settings = Settings(file)
    assert (settings.text("reader"), settings.text("theme")) == ("", "dark")
    assert settings.set_aside is None


def test_a_setting_knows_whether_it_has_its_first_value(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.set("theme", "dark")
    assert settings.is_changed("theme")
    assert not settings.is_changed("reader")


def test_what_stands_in_the_dialog_has_all_its_words() -> None:
    for section, settings in offered().items():
        assert section
        for setting in settings:
            assert setting.text.endswith(".")
            assert len(setting.names) == len(setting.choices), setting.key


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
