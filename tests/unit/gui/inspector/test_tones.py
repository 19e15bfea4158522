import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.inspector.tones import Tones, ToneSliders, apply_tones


def test_neutral_tones_change_nothing_and_copy_nothing() -> None:
    image = QImage(3, 3, QImage.Format.Format_RGB888)
    image.fill(QColor(10, 100, 200))
    assert apply_tones(image, Tones()) is image
    assert (Tones().table() == np.arange(256)).all()
    assert Tones().words() == ""


def test_brightness_contrast_and_gamma_do_what_they_say() -> None:
    assert Tones(brightness=100).table()[0] == pytest.approx(128, abs=1)
    steep = Tones(contrast=100).table().astype(int)
    assert steep[138] - steep[118] == pytest.approx(4 * 20, abs=2)
    middle = Tones(gamma=200).table()
    assert (middle[0], middle[255]) == (0, 255)
    assert middle[64] == pytest.approx(255 * (64 / 255) ** 0.5, abs=1)


@pytest.mark.parametrize("tones", [Tones(brightness=-100, contrast=-100), Tones(gamma=25)])
def test_order_is_never_turned_round(tones: Tones) -> None:
    assert (np.diff(tones.table().astype(int)) >= 0).all()


def test_an_image_is_changed_pixel_by_pixel_and_the_crop_is_not() -> None:
    image = QImage(5, 2, QImage.Format.Format_RGB888)  # rows of 15 bytes and one of padding
    image.fill(QColor(10, 100, 200))
    tones = Tones(brightness=20, gamma=150)
    shown = apply_tones(image, tones)
    wanted = [int(tones.table()[value]) for value in (10, 100, 200)]
    assert QColor(*wanted) == shown.pixelColor(4, 1)
    assert image.pixelColor(4, 1) == QColor(10, 100, 200)


def test_the_sliders_tell_and_take_tones(qtbot: QtBot) -> None:
    sliders = ToneSliders()
    qtbot.addWidget(sliders)
    told: list[Tones] = []
    sliders.changed.connect(told.append)
    wanted = Tones(brightness=-12, contrast=30, gamma=200)
    sliders.set_tones(wanted)
    assert told == []
    assert sliders.tones == wanted
    sliders._contrast.setValue(0)
    assert told == [Tones(brightness=-12, gamma=200)]
    assert told[0].words() == "brightness −12, gamma 2.00"
