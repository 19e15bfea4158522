"""A gallery of drawn cells for the tests of this room."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.cells.cell_index import CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement, Filter, SortKey, arrange
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.gallery.view import GalleryView
from wbc_desktop.gui.widgets.theme import LIGHT

TAXONOMY = taxonomy_v1()
SEG, BND, EOS, LYM, MON = (
    TAXONOMY.ordinals[name]
    for name in (
        "neutrophil_segmented",
        "neutrophil_band",
        "eosinophil",
        "lymphocyte",
        "monocyte",
    )
)


def cells(*classes: int) -> CellIndex:
    """One cell for each class ordinal, with ids 1, 2, 3 … and falling confidence."""
    n = len(classes)
    return CellIndex.of(np.arange(1, n + 1), predicted=classes, prob=np.linspace(0.99, 0.4, n))


def arranged(index: CellIndex, filter_: Filter | None = None) -> Arrangement:
    """Group by the label that counts, in import order."""
    return arrange(
        index,
        groups=index.current(),
        filter=filter_ or Filter(),
        sort=SortKey.IMPORT_ORDER,
        n_groups=len(TAXONOMY.classes),
    )


@dataclass
class DrawnCrops:
    """A loader of grey squares that remembers what it was asked for and can be held up."""

    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    missing: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.gate.set()

    def __call__(self, cell_ids: Sequence[int], size: int) -> dict[int, QImage]:
        self.asked.append((tuple(cell_ids), size))
        assert self.gate.wait(10)
        return {c: crop(c % 200 + 1) for c in cell_ids if c not in self.missing}


def crop(grey: int, width: int = 128, height: int = 128) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB888)
    image.fill(QColor(grey, grey, grey))
    return image


@dataclass
class Drags:
    """Takes the place of the real drag, which would wait for a hand."""

    begun: list[QMimeData] = field(default_factory=list)

    def __call__(self, source: QWidget, data: QMimeData, picture: QPixmap) -> None:
        assert not picture.isNull()
        self.begun.append(data)


class DrawnGallery(GalleryView):
    """A gallery on screen, 500 px wide, with four columns of tiles."""

    def __init__(self, qtbot: QtBot, index: CellIndex, *, held_up: bool = False) -> None:
        self.crops = DrawnCrops()
        if held_up:
            self.crops.gate.clear()
        self.drags = Drags()
        super().__init__(taxonomy=TAXONOMY, theme=LIGHT, begin_drag=self.drags)
        qtbot.addWidget(self, before_close_func=lambda view: view.set_loader(None))
        self.resize(500, 600)
        self.set_tile_size(104)
        self.set_loader(self.crops)
        self.set_cells(index, arranged(index))
        self.show()
        qtbot.waitExposed(self)

    def tile(self, cell_id: int) -> QPoint:
        """Return the middle of a tile in the viewport."""
        return self.rect_in_view(self.scene.model.position_of(cell_id)).center()

    def header(self, ordinal: int) -> QPoint:
        """Return the middle of a header in the viewport."""
        section = [s.ordinal for s in self.scene.layout.sections].index(ordinal)
        rect = self.scene.layout.sticky_rect(section, self.offset)
        return rect.translated(0, -self.offset).center()

    def click(
        self,
        point: QPoint,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        QTest.mouseClick(self.viewport(), button, modifiers, point)

    def key(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.keyClick(self, key, modifiers)
