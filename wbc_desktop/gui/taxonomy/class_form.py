"""The fields of one class: name, code, key, colour, parent."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from wbc_desktop.domain.taxonomy.checks import MAX_NAME, REQUIRED
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.domain.taxonomy.contrast import DARK_SURFACE, LIGHT_SURFACE, readable
from wbc_desktop.domain.taxonomy.edits import ClassUpdate, NewClass, free_code, free_keys
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL

_SWATCH = QSize(44, 16)
_NO_KEY = "none"
_ON_TOP = "none, it stands by itself"


class ClassForm(QWidget):
    """Shows and asks what a class is like.

    Signals:
        edited: The reader changed something.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._light, self._dark = "#666666", "#999999"
        self._proposes = False
        self._taxonomy: Taxonomy | None = None
        self.name = QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.code = QLineEdit(self)
        self.code.setMaxLength(3)
        self.key = QComboBox(self)
        self.colour = QPushButton("Choose…", self)
        self.colour.setIconSize(_SWATCH)
        self.colour.setAutoDefault(False)
        self.parent_class = QComboBox(self)
        self.counted = QCheckBox("Part of the 100 % of the differential", self)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(SMALL)
        for text, field in (
            ("&Name", self.name),
            ("Co&de", self.code),
            ("&Key", self.key),
            ("&Colour", self.colour),
            ("&Below", self.parent_class),
        ):
            form.addRow(text, field)
        form.addRow("", self.counted)
        self.name.textEdited.connect(self._propose_code)
        self.name.textEdited.connect(self.edited)
        self.code.textEdited.connect(self._own_code)
        self.key.activated.connect(self.edited)
        self.parent_class.activated.connect(self._follow_parent)
        self.counted.clicked.connect(self.edited)
        self.colour.clicked.connect(self._choose_colour)

    def show_class(self, cell_class: CellClass, taxonomy: Taxonomy) -> None:
        """Show a class as it is."""
        own = taxonomy.own(cell_class.id)
        below = {cell_class.id, *taxonomy.below(cell_class.id)}
        self._proposes = False
        self._fill(taxonomy, kept_key=cell_class.hotkey, without=below)
        self.name.setText(cell_class.name)
        self.code.setText(cell_class.code)
        self.key.setCurrentIndex(max(0, self.key.findData(cell_class.hotkey)))
        self.parent_class.setCurrentIndex(max(0, self.parent_class.findData(cell_class.parent)))
        self.parent_class.setEnabled(own)
        self.parent_class.setToolTip("" if own else "Classes of the program keep their parent")
        self.counted.setChecked(cell_class.counted)
        self.counted.setEnabled(False)
        self._show_colours(cell_class.colour_light, cell_class.colour_dark)

    def begin_new(self, taxonomy: Taxonomy, *, parent: str | None = None) -> None:
        """Ask for a new class."""
        self._proposes = True
        self._fill(taxonomy, kept_key="", without=set())
        self.name.clear()
        self.code.clear()
        self.parent_class.setCurrentIndex(max(0, self.parent_class.findData(parent)))
        self.counted.setChecked(True)
        self.set_colour("#666666")
        self._follow_parent()

    def set_colour(self, colour: str) -> None:
        """Take a colour, made darker or lighter for each theme as far as it must be."""
        self._show_colours(readable(colour, LIGHT_SURFACE), readable(colour, DARK_SURFACE))

    def wanted(self, present: CellClass) -> ClassUpdate:
        """Return what differs from a class as it is."""
        asked = {
            "name": self.name.text(),
            "code": self.code.text().upper(),
            "hotkey": self.key.currentData() or "",
            "colour_light": self._light,
            "colour_dark": self._dark,
        }
        changed = {name: text for name, text in asked.items() if text != getattr(present, name)}
        return ClassUpdate(**changed)  # type: ignore[arg-type]  # all of them are texts

    def new_class(self) -> NewClass:
        """Return the class that the reader describes."""
        return NewClass(
            name=self.name.text(),
            code=self.code.text().upper(),
            hotkey=self.key.currentData() or "",
            colour=self._light,
            parent=self.parent_class.currentData(),
            counted=self.counted.isChecked(),
        )

    def _fill(self, taxonomy: Taxonomy, *, kept_key: str, without: set[str]) -> None:
        self._taxonomy = taxonomy
        self.key.clear()
        self.key.addItem(_NO_KEY, "")
        keys = free_keys(taxonomy)
        for key in [kept_key, *keys] if kept_key and kept_key not in keys else keys:
            self.key.addItem(key, key)
        self.parent_class.clear()
        self.parent_class.addItem(_ON_TOP, None)
        for other in taxonomy.classes:
            if other.merged_into is None and other.id not in {*without, *REQUIRED}:
                self.parent_class.addItem(f"{other.code}  {other.name}", other.id)

    def _propose_code(self, name: str) -> None:
        if self._proposes and self._taxonomy is not None:
            self.code.setText(free_code(self._taxonomy, name))

    def _own_code(self) -> None:
        self._proposes = False
        self.edited.emit()

    def _follow_parent(self) -> None:
        """Below a parent, a class counts as the parent does."""
        parent = self.parent_class.currentData()
        above = None if self._taxonomy is None else self._taxonomy.by_id.get(parent or "")
        if above is not None:
            self.counted.setChecked(above.counted)
        self.counted.setEnabled(above is None and self.parent_class.isEnabled())
        self.edited.emit()

    def _choose_colour(self) -> None:
        chosen = QColorDialog.getColor(QColor(self._light), self, "Colour of the class")
        if chosen.isValid():
            self.set_colour(chosen.name())
            self.edited.emit()

    def _show_colours(self, light: str, dark: str) -> None:
        self._light, self._dark = light.upper(), dark.upper()
        self.colour.setIcon(QIcon(swatches(self._light, self._dark)))
        self.colour.setToolTip(f"{self._light} in the light theme, {self._dark} in the dark one")
        self.colour.setAccessibleName(f"Colour, {self._light} and {self._dark}")


def swatches(light: str, dark: str) -> QPixmap:
    """Return both colours of a class, each on the ground of its theme."""
    pixmap = QPixmap(_SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    half = _SWATCH.width() // 2
    for left, ground, colour in ((0, LIGHT_SURFACE, light), (half, DARK_SURFACE, dark)):
        painter.fillRect(left, 0, half, _SWATCH.height(), QColor(ground))
        painter.fillRect(left + 4, 4, half - 8, _SWATCH.height() - 8, QColor(colour))
    painter.end()
    return pixmap
