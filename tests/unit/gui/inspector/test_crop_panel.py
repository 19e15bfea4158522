from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.cells.evidence import Evidence
from wbc_desktop.domain.cells.scale import CropScale
from wbc_desktop.domain.cells.stain_channels import StainView
from wbc_desktop.gui.inspector.crop_panel import CropPanel
from wbc_desktop.gui.inspector.evidence_overlay import heat_image, overlay_of
from wbc_desktop.gui.inspector.tones import Tones

FIELDS = np.array([[0, 0], [0, 4]], dtype=np.float32)
EVIDENCE = Evidence(
    class_id="monocyte", fields=FIELDS, x=75, y=75, side=50, model_id="m", model_sha256="ab"
)


@pytest.fixture
def panel(qtbot: QtBot) -> CropPanel:
    made = CropPanel()
    qtbot.addWidget(made)
    made.resize(320, 460)
    made.show()
    return made


def crop(colour: str = "#C0A0B0", side: int = 100) -> QImage:
    image = QImage(side, side, QImage.Format.Format_RGB888)
    image.fill(QColor(colour))
    return image


def colour_at(panel: CropPanel, x: float, y: float) -> QColor:
    """The colour shown for a point of a crop of 100 px."""
    view = panel.view
    scale = view.zoom / view.devicePixelRatioF()
    place = QPoint(
        round(view.width() / 2 + (x - 50) * scale), round(view.height() / 2 + (y - 50) * scale)
    )
    return view.grab().toImage().pixelColor(place * view.devicePixelRatioF())


def test_the_crop_is_shown_as_it_is_until_the_reader_asks(panel: CropPanel) -> None:
    panel.show_crop(crop())
    assert colour_at(panel, 20, 20) == QColor("#C0A0B0")
    assert panel.mark_text == ""


def test_tones_are_shown_marked_kept_for_the_next_cell_and_taken_back(panel: CropPanel) -> None:
    panel.show_crop(crop())
    panel.sliders._brightness.setValue(40)
    wanted = QColor(*(int(Tones(brightness=40).table()[v]) for v in (0xC0, 0xA0, 0xB0)))
    assert colour_at(panel, 20, 20) == wanted
    assert panel.mark_text == "Display only: brightness +40"
    panel.show_crop(QImage())
    panel.show_crop(crop())
    assert colour_at(panel, 20, 20) == wanted
    panel.reset()
    assert colour_at(panel, 20, 20) == QColor("#C0A0B0")
    assert panel.mark_text == ""


def test_stain_views_go_round_and_are_told(panel: CropPanel) -> None:
    told: list[StainView] = []
    panel.stain_changed.connect(told.append)
    for _ in range(3):
        panel.next_stain()
    assert told == [StainView.NUCLEUS, StainView.EOSIN, StainView.AS_IS]
    panel.next_stain()
    assert panel.mark_text == "Display only: nuclear dye only"
    panel.reset()
    assert panel.stain is StainView.AS_IS


def test_evidence_covers_the_window_of_the_network_only(panel: CropPanel) -> None:
    panel.show_crop(crop())
    panel.show_evidence(EVIDENCE)
    assert colour_at(panel, 30, 30) == QColor("#C0A0B0")
    assert colour_at(panel, 60, 60) == QColor("#C0A0B0")  # in the window, but nothing speaks there
    strongest = colour_at(panel, 90, 90)
    assert strongest.green() > 0xB0
    assert strongest.blue() < 0xA0
    panel.show_evidence(None)
    assert colour_at(panel, 90, 90) == QColor("#C0A0B0")


def test_a_map_does_not_outlive_its_cell(panel: CropPanel) -> None:
    panel.show_crop(crop())
    panel.show_evidence(EVIDENCE)
    panel.show_crop(QImage())
    panel.show_crop(crop())
    assert colour_at(panel, 90, 90) == QColor("#C0A0B0")


def test_a_class_that_nothing_speaks_for_has_no_map(panel: CropPanel) -> None:
    panel.show_crop(crop())
    panel.show_evidence(replace(EVIDENCE, fields=-FIELDS - 1))
    assert colour_at(panel, 90, 90) == QColor("#C0A0B0")


def test_the_map_lies_where_the_window_was_cut() -> None:
    assert overlay_of(EVIDENCE).area == QRectF(50, 50, 50, 50)
    beyond = overlay_of(replace(EVIDENCE, x=5, y=10, side=40))
    assert beyond.area == QRectF(-15, -10, 40, 40)


def test_more_evidence_is_lighter_in_grey_too() -> None:
    ramp = heat_image(np.linspace(0.2, 1, 5, dtype=np.float32)[None])
    over = QImage(ramp.size(), QImage.Format.Format_RGB888)
    over.fill(QColor("#502070"))  # a nucleus
    painter = QPainter(over)
    painter.drawImage(0, 0, ramp)
    painter.end()
    greys = [
        over.convertToFormat(QImage.Format.Format_Grayscale8).pixelColor(x, 0).value()
        for x in range(5)
    ]
    assert greys == sorted(set(greys))


def test_the_scale_is_told_as_far_as_it_is_known(panel: CropPanel) -> None:
    assert panel.strip.scale_text == ""
    panel.show_crop(crop(), CropScale(um_per_px=0.1, estimated=False))
    assert panel.strip.scale_text == "2 µm"
    panel.show_crop(crop(), CropScale(um_per_px=0.1, estimated=True))
    assert panel.strip.scale_text == "≈ 2 µm, estimated"
    panel.show_crop(crop(), None)
    assert panel.strip.scale_text == "Scale not known"


def test_the_bar_follows_the_zoom(panel: CropPanel) -> None:
    panel.show_crop(crop(side=400), CropScale(um_per_px=0.1, estimated=False))
    before = panel.strip.scale_text
    panel.view.zoom_by(6)
    assert panel.strip.scale_text != before
    panel.view.toggle_actual_size()
    assert panel.strip.zoom_text == "1:1"


def test_sliders_take_the_keyboard_and_escape_gives_it_back(panel: CropPanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.toggle_sliders()
    assert panel.sliders_open
    with qtbot.waitSignal(panel.left):
        QTest.keyClick(panel.sliders._brightness, Qt.Key.Key_Escape)


def test_the_crop_asks_for_the_room_that_its_parts_take(panel: CropPanel) -> None:
    asked: list[int] = []
    panel.room_asked.connect(asked.append)
    panel.set_sliders_open(True)
    panel.toggle_evidence()
    assert min(asked) > 0
    panel.toggle_evidence()
    panel.set_sliders_open(False)
    assert sum(asked) == 0
