import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.inspector.crop_view import CropView
from wbc_desktop.gui.inspector.pinch import pinch_of


def pinch(view: CropView, value: float) -> QNativeGestureEvent:
    place = QPointF(150, 100)
    return QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        place,
        place,
        QPointF(view.mapToGlobal(place.toPoint())),
        value,
        QPointF(),
    )


@pytest.fixture
def view(qtbot: QtBot) -> CropView:
    made = CropView()
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.set_image(QImage(100, 100, QImage.Format.Format_RGB888))
    made.show()
    return made


def test_pinching_zooms(view: CropView) -> None:
    before = view.zoom
    assert view.event(pinch(view, 0.25))
    assert view.zoom == pytest.approx(before * 1.25)
    view.event(pinch(view, -0.2))
    assert view.zoom == pytest.approx(before)


def test_a_wild_pinch_is_held(view: CropView) -> None:
    found = pinch_of(pinch(view, -50), view)
    assert found is not None
    assert found.factor > 0


def test_other_events_are_no_pinch(view: CropView) -> None:
    assert pinch_of(QEvent(QEvent.Type.Enter), view) is None
