"""Help > Keyboard shortcuts: every key of the window, from the same map that makes them work."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.commands.key_map import KeyMap
from wbc_desktop.gui.review.class_palette import in_key_order
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, TIGHT, WIDE, section_head, set_rank

# Keys that the gallery handles itself.
GALLERY_KEYS = (
    ("Arrows", "Go to the neighbouring cell; with Shift, extend the selection"),
    ("Home, End", "First and last cell"),
    ("Page Up, Page Down", "One screen up or down"),
    ("Ctrl+A", "Select the group; again, select everything shown"),
    ("Esc", "Clear the selection"),
    ("Enter", "Look at the cell closely"),
    ("Ctrl+wheel", "Tile size"),
)


class ShortcutsDialog(QDialog):
    """Commands at the left, classes at the right.

    Signals:
        change_asked: The reader wants other keys.
    """

    change_asked = Signal()

    def __init__(self, taxonomy: Taxonomy, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        commands = [
            (", ".join(keys.of(target.id)), target.name)
            for target in keys.targets
            if keys.of(target.id) and not target.is_class
        ]
        classes = [
            (keys.of_class(c.id), f"{c.code}  {c.name}")
            for c in in_key_order(taxonomy)
            if keys.of_class(c.id)
        ]
        self._written = (*commands, *classes, *GALLERY_KEYS)
        columns = QHBoxLayout()
        columns.setSpacing(WIDE)
        left = QVBoxLayout()
        left.addLayout(self._table("Commands", commands))
        left.addStretch(1)
        right = QVBoxLayout()
        right.addLayout(self._table("Label as", classes))
        right.addSpacing(LARGE)
        right.addLayout(self._table("In the gallery", GALLERY_KEYS))
        right.addStretch(1)
        columns.addLayout(left)
        columns.addLayout(right)
        body = QWidget(self)
        body.setLayout(columns)
        scroll = QScrollArea(self)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        change = buttons.addButton("Change &keys…", QDialogButtonBox.ButtonRole.ResetRole)
        change.setAutoDefault(False)
        change.clicked.connect(self.reject)
        change.clicked.connect(self.change_asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        self.resize(900, 640)

    def written(self) -> tuple[tuple[str, str], ...]:
        """Return every row: keys and what they do."""
        return self._written

    def _table(self, title: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(MEDIUM)
        grid.setVerticalSpacing(TIGHT)
        head = QLabel(title, self)
        head.setFont(section_head(self.font()))
        grid.addWidget(head, 0, 0, 1, 2)
        for i, (key, text) in enumerate(rows, start=1):
            name = QLabel(key, self)
            name.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            grid.addWidget(name, i, 0, Qt.AlignmentFlag.AlignTop)
            meaning = QLabel(text, self)
            meaning.setWordWrap(True)
            set_rank(meaning, "second")
            grid.addWidget(meaning, i, 1)
        grid.setColumnStretch(1, 1)
        return grid
