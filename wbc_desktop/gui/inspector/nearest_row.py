"""The labelled cells most like the chosen one: small crops with class code and similarity."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import CellClass
from wbc_desktop.gui.gallery.painting.marks import review_mark
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import STAGE, TIGHT, Theme, figures, set_rank

PLACES, _COLUMNS = 8, 4
MEANING = (
    "Cells that a person has labelled, most alike first. 1.00 would be the same cell to the "
    "network. Alike does not mean of the same class: look."
)
_CROP, _BAR, _MARK = 60, 3, 11


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A labelled cell that looks like the chosen one.

    Attributes:
        cell_id: Row id.
        cell_class: What a person called it.
        status: Of its review.
        reader: Who called it so.
        slide: Its patient and slide.
        similarity: −1..1.
        image: Its thumbnail; null where there is none.
    """

    cell_id: int
    cell_class: CellClass
    status: Status
    reader: str
    slide: str
    similarity: float
    image: QImage


class NearestRow(QWidget):
    """Up to eight neighbours, or a hint why there are none.

    Signals:
        chosen: The cell id of the neighbour that was clicked.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = WrappedLabel(self)
        set_rank(self._hint, "second")
        self._tiles = [_Tile(theme, self) for _ in range(PLACES)]
        grid = QGridLayout()
        grid.setSpacing(TIGHT)
        for i, tile in enumerate(self._tiles):
            tile.clicked.connect(self._choose)
            grid.addWidget(tile, i // _COLUMNS, i % _COLUMNS)
        grid.setColumnStretch(_COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(TIGHT)
        column.addWidget(self._hint)
        column.addLayout(grid)
        self.setToolTip(MEANING)
        self.show_hint("")

    @property
    def hint(self) -> str:
        """What stands in place of neighbours."""
        return self._hint.text()

    def shown(self) -> list[int]:
        """Return the cell ids of the neighbours shown, most alike first."""
        return [tile.neighbour.cell_id for tile in self._tiles if tile.neighbour is not None]

    def show_neighbours(self, neighbours: Sequence[Neighbour]) -> None:
        """Show neighbours, most alike first; what exceeds the places is left out."""
        self._hint.setText("")
        self._hint.hide()
        for i, tile in enumerate(self._tiles):
            tile.show_neighbour(neighbours[i] if i < len(neighbours) else None)

    def show_hint(self, text: str) -> None:
        """Show a hint in place of neighbours."""
        self.show_neighbours(())
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        for tile in self._tiles:
            tile.set_theme(theme)

    def _choose(self) -> None:
        tile = self.sender()
        if isinstance(tile, _Tile) and tile.neighbour is not None:
            self.chosen.emit(tile.neighbour.cell_id)


class _Tile(QAbstractButton):
    """One neighbour as a button."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.neighbour: Neighbour | None = None
        self.setFont(figures(self.font()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_neighbour(self, neighbour: Neighbour | None) -> None:
        self.neighbour = neighbour
        self.setVisible(neighbour is not None)
        if neighbour is None:
            return
        name, alike = neighbour.cell_class.name, similarity_words(neighbour.similarity)
        self.setAccessibleName(f"{name}, labelled by {neighbour.reader}, similarity {alike}")
        self.setToolTip(
            f"{name}, labelled by {neighbour.reader}\n{neighbour.slide}\n"
            f"Similarity {alike}. Click to go to this cell."
        )
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(_CROP + 4, _CROP + _BAR + 2 * self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        cell = self.neighbour
        if cell is None:
            return
        theme, line = self._theme, self.fontMetrics().height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        stage = QRectF(2, 2, self.width() - 4, _CROP)
        painter.fillRect(stage, QColor(STAGE))
        if not cell.image.isNull():
            painter.drawImage(_whole_in(cell.image, stage), cell.image)
        bar = QRectF(stage.left(), stage.bottom(), stage.width(), _BAR)
        painter.fillRect(bar, QColor(theme.class_colour(cell.cell_class)))
        words = QRectF(stage.left(), bar.bottom() + 1, stage.width(), line)
        mark = QRectF(words.left(), words.center().y() - _MARK / 2, _MARK, _MARK)
        review_mark(painter, mark, cell.status, ink=QColor(theme.text), ground=QColor(theme.window))
        painter.setPen(QColor(theme.text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words.adjusted(_MARK + TIGHT, 0, 0, 0), left, cell.cell_class.code)
        painter.setPen(QColor(theme.text2))
        painter.drawText(words.translated(0, line), left, similarity_words(cell.similarity))
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()


def similarity_words(similarity: float) -> str:
    """Return a similarity with two digits; only the same cell is 1.00."""
    shown = min(similarity, 0.99) if similarity < 0.9999 else 1.0
    return f"{shown:.2f}".replace("-", "−")


def _whole_in(image: QImage, stage: QRectF) -> QRectF:
    """Return where an image lies so that all of it is seen, undistorted."""
    scale = min(stage.width() / image.width(), stage.height() / image.height())
    width, height = image.width() * scale, image.height() * scale
    return QRectF(stage.center().x() - width / 2, stage.center().y() - height / 2, width, height)
