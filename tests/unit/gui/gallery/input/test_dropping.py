"""Dragging cells to a class."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    BND,
    LYM,
    MON,
    SEG,
    DrawnGallery,
    cells,
)
from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.gui.gallery.input.drag import MIME, cell_ids_of, mime_of

LEFT = Qt.MouseButton.LeftButton


def drag(gallery: DrawnGallery, start: QPoint) -> None:
    QTest.mousePress(gallery.viewport(), LEFT, pos=start)
    QTest.mouseMove(gallery.viewport(), start + QPoint(30, 30))


def test_dragging_a_selected_cell_takes_the_selection_along(gallery: DrawnGallery) -> None:
    gallery.select([2, 3, 9])
    drag(gallery, gallery.tile(3))
    assert [cell_ids_of(data) for data in gallery.drags.begun] == [[2, 3, 9]]
    assert gallery.selected_ids() == [2, 3, 9]


def test_dragging_another_cell_takes_it_alone(gallery: DrawnGallery) -> None:
    gallery.select([2, 3])
    drag(gallery, gallery.tile(7))
    assert [cell_ids_of(data) for data in gallery.drags.begun] == [[7]]


def test_a_trembling_hand_does_not_drag(gallery: DrawnGallery) -> None:
    QTest.mousePress(gallery.viewport(), LEFT, pos=gallery.tile(3))
    QTest.mouseMove(gallery.viewport(), gallery.tile(3) + QPoint(1, 1))
    QTest.mouseRelease(gallery.viewport(), LEFT, pos=gallery.tile(3))
    assert not gallery.drags.begun


def drop(gallery: DrawnGallery, point: QPoint, data: QMimeData) -> bool:
    common = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(gallery.viewport(), QDragEnterEvent(point, *common))
    over = QDragMoveEvent(point, *common)
    QApplication.sendEvent(gallery.viewport(), over)
    event = QDropEvent(QPointF(point), *common)
    event.ignore()
    QApplication.sendEvent(gallery.viewport(), event)
    return over.isAccepted() and event.isAccepted()


def test_a_drop_on_a_header_asks_for_its_label(qtbot: QtBot, gallery: DrawnGallery) -> None:
    with qtbot.waitSignal(gallery.label_requested) as signal:
        assert drop(gallery, gallery.header(LYM), mime_of([1, 2]))
    assert signal.args == [[1, 2], "lymphocyte"]
    assert gallery.interaction.target is None


def test_a_class_without_a_cell_takes_a_drop_on_its_chip(
    qtbot: QtBot, gallery: DrawnGallery
) -> None:
    gallery.verticalScrollBar().setValue(10_000)
    chip = next(c for c in gallery.scene.strip.chips if c.ordinal == BND)
    with qtbot.waitSignal(gallery.label_requested) as signal:
        assert drop(gallery, chip.rect.center() - QPoint(0, gallery.offset), mime_of([4]))
    assert signal.args == [[4], "neutrophil_band"]


def test_the_class_under_a_drag_is_highlighted(gallery: DrawnGallery) -> None:
    common = (Qt.DropAction.CopyAction, mime_of([1]), LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(gallery.viewport(), QDragEnterEvent(gallery.tile(1), *common))
    QApplication.sendEvent(gallery.viewport(), QDragMoveEvent(gallery.header(MON), *common))
    assert targeted(gallery) == MON
    QApplication.sendEvent(gallery.viewport(), QDragMoveEvent(gallery.tile(7), *common))
    assert targeted(gallery) is None
    QApplication.sendEvent(gallery.viewport(), QDragLeaveEvent())


def targeted(gallery: DrawnGallery) -> int | None:
    return gallery.interaction.target


def test_a_drop_on_tiles_or_of_something_else_is_refused(
    qtbot: QtBot, gallery: DrawnGallery
) -> None:
    foreign = QMimeData()
    foreign.setData(MIME, b'{"process": -1, "cells": [1]}')
    text = QMimeData()
    text.setText("1")
    with qtbot.assertNotEmitted(gallery.label_requested, wait=50):
        assert not drop(gallery, gallery.tile(8), mime_of([1]))
        assert not drop(gallery, gallery.header(LYM), foreign)
        assert not drop(gallery, gallery.header(LYM), text)


def test_cells_without_a_class_are_no_place_to_drop(qtbot: QtBot) -> None:
    gallery = DrawnGallery(qtbot, cells(SEG, NO_CLASS))
    with qtbot.assertNotEmitted(gallery.label_requested, wait=50):
        assert not drop(gallery, gallery.header(NO_CLASS), mime_of([1]))
