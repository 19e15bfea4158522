from pathlib import Path

import pytest
from PySide6.QtGui import QIcon
from pytestqt.qtbot import QtBot

from wbc_desktop import paths
from wbc_desktop.gui.commands.actions import ACTIONS
from wbc_desktop.gui.widgets.icons import Icons, app_icon
from wbc_desktop.gui.widgets.theme import DARK, LIGHT

OUTLINES = sorted((paths.resources_dir() / "icons").glob("*.svg"))


@pytest.mark.parametrize("file", OUTLINES, ids=lambda file: file.stem)
def test_outlines_share_one_stroke_and_take_the_colour_of_the_text(file: Path) -> None:
    if file.stem == "app":
        return
    outline = file.read_text(encoding="utf-8")
    assert 'viewBox="0 0 20 20"' in outline
    assert 'stroke-width="1.5"' in outline
    assert 'stroke="currentColor"' in outline


def test_every_icon_of_the_table_exists() -> None:
    known = {file.stem for file in OUTLINES}
    assert {spec.icon for spec in ACTIONS if spec.icon} <= known


def test_an_icon_is_drawn_in_the_text_colour_of_its_theme(qtbot: QtBot) -> None:
    light, dark = (Icons(theme)["import"].pixmap(32, 32).toImage() for theme in (LIGHT, DARK))
    assert light != dark
    opaque = [
        dark.pixelColor(x, y).name().upper()
        for x in range(dark.width())
        for y in range(dark.height())
        if dark.pixelColor(x, y).alpha() == 255
    ]
    assert set(opaque) == {DARK.text}


def test_a_disabled_icon_is_fainter(qtbot: QtBot) -> None:
    icon = Icons(LIGHT)["undo"]
    assert icon.pixmap(20, 20, QIcon.Mode.Disabled).toImage() != icon.pixmap(20, 20).toImage()


def test_the_program_has_an_icon_in_every_size(qtbot: QtBot) -> None:
    assert not app_icon().pixmap(256, 256).isNull()


def test_an_unknown_icon_is_an_error(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        Icons(LIGHT)["no such icon"]
