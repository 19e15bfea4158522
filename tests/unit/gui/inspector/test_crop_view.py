import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.inspector.crop_view import CropView, pinch_of
from wbc_desktop.gui.widgets.theme import STAGE


@pytest.fixture
def view(qtbot: QtBot) -> CropView:
    made = CropView()
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.show()
    return made


def chequered(width: int = 100, height: int = 100) -> QImage:
    """Return an image whose every pixel differs from its neighbours."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for x in range(width):
        for y in range(height):
            image.setPixelColor(x, y, QColor(x * 2 % 256, y * 2 % 256, (x + y) % 2 * 255))
    return image


def wheel(view: CropView, at: QPoint, steps: int) -> None:
    position = QPointF(at)
    event = QWheelEvent(
        position,
        view.mapToGlobal(position),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    view.wheelEvent(event)


def test_a_crop_is_first_shown_whole_and_undistorted(view: CropView) -> None:
    view.set_image(chequered(100, 100))
    assert view.zoom == 2
    shown = view.grab().toImage()
    assert shown.pixelColor(10, 100) == QColor(STAGE)
    assert shown.pixelColor(150, 100) != QColor(STAGE)


def test_at_one_to_one_every_pixel_is_the_crops_own(view: CropView) -> None:
    image = chequered()
    view.set_image(image)
    view.toggle_actual_size()
    shown = view.grab().toImage()
    assert all(
        shown.pixelColor(100 + i, 50 + i) == image.pixelColor(i, i) for i in range(0, 100, 7)
    )


def test_one_to_one_again_shows_the_whole_crop(view: CropView) -> None:
    view.set_image(chequered())
    view.toggle_actual_size()
    assert not view.fitted
    view.toggle_actual_size()
    assert view.fitted


def test_the_wheel_keeps_the_point_under_the_mouse(view: CropView) -> None:
    view.set_image(chequered())
    view.toggle_actual_size()
    before = view.grab().toImage().pixelColor(130, 80)
    wheel(view, QPoint(130, 80), 9)
    assert view.zoom > 4
    assert view.grab().toImage().pixelColor(130, 80) == before


def test_past_four_times_no_colour_is_made_up(view: CropView) -> None:
    image = chequered()
    view.set_image(image)
    wheel(view, QPoint(150, 100), 8)
    assert view.zoom >= 4
    own = {image.pixelColor(x, y).rgb() for x in range(100) for y in range(100)}
    shown = view.grab().toImage()
    seen = {shown.pixelColor(x, 100).rgb() for x in range(20, 280, 3)}
    assert seen <= own


def test_a_large_crop_is_averaged_not_sampled(view: CropView) -> None:
    image = QImage(2000, 2000, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    for x in range(0, 2000, 2):
        for y in range(0, 2000, 50):
            for row in range(y, y + 50):
                image.setPixelColor(x, row, QColor("white"))
    view.set_image(image)
    middle = view.grab().toImage().pixelColor(150, 100)
    assert 100 < middle.red() < 160


def test_the_crop_cannot_be_lost(view: CropView) -> None:
    view.set_image(chequered())
    view.toggle_actual_size()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
    for step in range(20):
        QTest.mouseMove(view, QPoint(150 + 100 * step, 100 + 100 * step))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 100))
    shown = view.grab().toImage()
    assert any(
        shown.pixelColor(x, y) != QColor(STAGE) for x in range(0, 300, 5) for y in range(0, 200, 5)
    )


def test_keys_zoom_and_move(view: CropView) -> None:
    view.set_image(chequered())
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > 2
    before = view.grab().toImage()
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.grab().toImage() != before


def test_without_a_crop_there_is_an_empty_stage(view: CropView) -> None:
    view.toggle_actual_size()
    wheel(view, QPoint(10, 10), 3)
    assert view.grab().toImage().pixelColor(150, 100) == QColor(STAGE)
    assert not view.has_image


def test_a_fitted_crop_follows_the_size_of_the_view(view: CropView) -> None:
    view.set_image(chequered())
    view.resize(400, 400)
    assert view.zoom == 4


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


def test_pinching_zooms(view: CropView) -> None:
    view.set_image(chequered())
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
