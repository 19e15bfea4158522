"""A scroll moves what was painted; the screen then shows what a full repaint would."""

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import EOS, LYM, SEG, DrawnGallery, cells


@pytest.fixture
def gallery(qtbot: QtBot) -> DrawnGallery:
    made = DrawnGallery(qtbot, cells(*[SEG] * 21, *[EOS] * 9, *[LYM] * 90))
    made.select([2, 3, 25])
    return made


def on_screen(gallery: DrawnGallery) -> QImage:
    """What is on the screen now, not painted anew."""
    screen = QGuiApplication.primaryScreen()
    whole = screen.grabWindow(gallery.winId()).toImage()
    return whole.copy(gallery.viewport().geometry()).convertToFormat(QImage.Format.Format_RGB32)


def painted(gallery: DrawnGallery) -> QImage:
    """What a full repaint gives."""
    return gallery.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


@pytest.mark.parametrize("steps", [(23,) * 40, (-17,) * 50, (300, -40, 5, -290, 61), (900, -700)])
def test_the_screen_after_a_scroll_is_that_of_a_full_repaint(
    qtbot: QtBot, gallery: DrawnGallery, steps: tuple[int, ...]
) -> None:
    bar = gallery.verticalScrollBar()
    bar.setValue(bar.maximum() // 2 if steps[0] < 0 else 0)
    for step in steps:
        bar.setValue(bar.value() + step)
        qtbot.waitUntil(lambda: not gallery.thumbnails.busy)
        QGuiApplication.processEvents()
        QGuiApplication.processEvents()
        assert on_screen(gallery) == painted(gallery)


def test_the_current_cell_stays_in_view_when_a_strip_takes_room(gallery: DrawnGallery) -> None:
    gallery.resize(500, 600)
    gallery.scroll_to(60)
    gallery.look_at(60)
    rect = gallery.rect_in_view(gallery.scene.model.position_of(60))
    assert rect.bottom() > 400
    gallery.resize(500, 400)
    rect = gallery.rect_in_view(gallery.scene.model.position_of(60))
    assert rect.bottom() < gallery.viewport().height()


def test_a_current_cell_out_of_view_does_not_pull_the_gallery(gallery: DrawnGallery) -> None:
    gallery.look_at(2)
    gallery.verticalScrollBar().setValue(700)
    gallery.resize(500, 400)
    assert gallery.offset == 700
