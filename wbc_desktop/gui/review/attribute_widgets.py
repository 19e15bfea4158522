"""The list of attributes that follows the leader key, and the dialog that defines one more."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.attributes import MAX_NAME, Attribute, Vocabulary
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank

_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class AttributeMenu(QMenu):
    """Every attribute with its letter; ticked where all of the cells carry it.

    Signals:
        chosen: An attribute was toggled: the ``Attribute`` and whether the cells are to carry it.
        define_asked: The reader wants an attribute that is not there.

    Args:
        vocabulary: The attributes.
        carried: How many of the cells carry each, by id; those that none carries are left out.
        n_cells: How many cells it is about.
        parent: Owner.
    """

    chosen = Signal(object, bool)
    define_asked = Signal()

    def __init__(
        self,
        vocabulary: Vocabulary,
        carried: Mapping[str, int],
        *,
        n_cells: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Attributes", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Attributes")
        head = self.addAction(f"Attributes of {counted(n_cells, 'cell')}")
        head.setEnabled(False)
        self._by_letter: dict[str, QAction] = {}
        for attribute in vocabulary.attributes:
            self._add(attribute, carried.get(attribute.id, 0), n_cells)
        self.addSeparator()
        self.addAction("Define another attribute…").triggered.connect(self.define_asked)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Toggle the attribute of a letter; arrows, Return and Escape do as in every menu."""
        action = self._by_letter.get(event.text().upper())
        if action is None or event.modifiers() & ~_MODIFIERS:
            super().keyPressEvent(event)
            return
        self.close()
        action.trigger()

    def _add(self, attribute: Attribute, n_carrying: int, n_cells: int) -> None:
        part = f" ({n_carrying:,} of {n_cells:,})" if 0 < n_carrying < n_cells else ""
        name = attribute.name.replace("&", "&&")
        action = self.addAction(f"{name}{part}\t{attribute.letter}")
        action.setCheckable(True)
        action.setChecked(n_carrying == n_cells)
        action.triggered.connect(lambda present: self.chosen.emit(attribute, present))
        self._by_letter[attribute.letter] = action


class AttributeDialog(QDialog):
    """Asks for name and letter until they can be taken, or the reader gives up.

    Args:
        define: Defines the attribute.
        free: Letters and digits that are free, to be told.
        parent: Owner.
    """

    def __init__(
        self,
        define: Callable[[str, str], None],
        *,
        free: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New attribute")
        self._define = define
        self.name = QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.name.setPlaceholderText("such as Pelger-Huët anomaly")
        self.letter = QLineEdit(self)
        self.letter.setMaxLength(1)
        self.letter.setFixedWidth(3 * self.fontMetrics().horizontalAdvance("M"))
        self._problem = QLabel(self)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        set_rank(self._problem, "danger")
        hint = QLabel(f"The letter follows the key A. Free: {free}", self)
        hint.setWordWrap(True)
        set_rank(hint, "second")
        buttons = QDialogButtonBox(self)
        self.ok = buttons.addButton("Define", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(LARGE, LARGE, LARGE, LARGE)
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(SMALL)
        form.addRow("&Name", self.name)
        form.addRow("&Letter", self.letter)
        form.addRow(hint)
        form.addRow(self._problem)
        form.addRow(buttons)
        self._problem.hide()
        self.setMinimumWidth(380)

    @property
    def problem(self) -> str:
        """Why the last try failed; empty if it did not."""
        return self._problem.text()

    def accept(self) -> None:
        """Define it and close; stay where it is refused, and say why."""
        try:
            self._define(self.name.text(), self.letter.text())
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()
            self.adjustSize()
            return
        super().accept()
