"""The glow around cells that an undo has changed."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.unit.gui.window_driver import Driver
from wbc_desktop.gui.gallery.painting.interaction import Flash

FRAME = QRect(0, 0, 30, 40)


def painted(flash: Flash, cell_id: int) -> NDArray[np.uint8]:
    image = QImage(FRAME.size(), QImage.Format.Format_RGB888)
    image.fill(QColor("white"))
    painter = QPainter(image)
    flash.paint(painter, FRAME, cell_id, width=4, colour=QColor("#000000"))
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(40, image.bytesPerLine())
    return rows[:, : 3 * 30].reshape(40, 30, 3)[:, :, 0].copy()  # the image goes


class Still(QProxyStyle):
    """A desktop that wants no animations."""

    def styleHint(  # noqa: N802 - Qt's name
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget, data)


def test_it_lies_in_the_frame_and_never_on_crop_or_caption(qtbot: QtBot) -> None:
    owner = QObject()
    flash = Flash(lambda: None, owner)
    flash.start([7])
    pixels = painted(flash, 7)
    assert (pixels[4:-4, 4:-4] == 255).all()
    for side in (pixels[:4], pixels[-4:], pixels[:, :4], pixels[:, -4:]):
        assert (side < 255).all()
    assert (painted(flash, 8) == 255).all()
    flash.stop()


def test_it_fades_and_asks_to_be_painted_until_it_is_gone(qtbot: QtBot) -> None:
    told: list[frozenset[int]] = []
    owner = QObject()
    flash = Flash(lambda: told.append(flash.cells), owner)
    flash.start([1, 2])
    qtbot.waitUntil(lambda: not flash.cells)
    assert (painted(flash, 1) == 255).all()
    assert told[-1] == frozenset()
    assert 3 < len(told) < 20


def test_nothing_is_painted_once_the_window_is_gone(qtbot: QtBot) -> None:
    lost: list[object] = []
    kept: list[object] = []
    gone, there = QWidget(), QObject()
    of_gone = Flash(lambda: lost.append(None), gone)
    of_there = Flash(lambda: kept.append(None), there)
    of_gone.start([1])
    gone.deleteLater()
    QApplication.sendPostedEvents(gone, QEvent.Type.DeferredDelete)
    of_there.start([1])
    qtbot.waitUntil(lambda: not of_there.cells)
    assert len(kept) > 3
    assert not lost


def test_undo_and_redo_let_what_they_changed_glow(driver: Driver) -> None:
    flash = driver.window.gallery.interaction.flash
    driver.choose(1, 2)
    driver.press("8")
    assert not flash.cells
    driver.choose(5)
    driver.press("Ctrl+Z")
    assert flash.cells == {1, 2}
    driver.until(lambda: not flash.cells)
    driver.press("Ctrl+Shift+Z")
    assert flash.cells == {1, 2}
    driver.choose(3)
    driver.press("8")
    assert not flash.cells


def test_nothing_glows_where_the_desktop_wants_no_animations(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery = driver.window.gallery
    style = Still()
    monkeypatch.setattr(gallery, "style", lambda: style)  # setStyle would change the whole look
    driver.choose(1)
    driver.press("8")
    driver.press("Ctrl+Z")
    assert driver.label_of(1) is None
    assert not gallery.interaction.flash.cells
