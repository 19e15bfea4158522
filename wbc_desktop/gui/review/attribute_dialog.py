"""Defines one more attribute for the workspace: a name and a letter."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.attributes import MAX_NAME
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, set_rank


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
