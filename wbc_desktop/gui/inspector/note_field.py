"""The note on the chosen cell: one line that is written when the reader is done with it."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

_LONGEST = 2000  # characters


class NoteField(QLineEdit):
    """Edits the note of one cell; a note half typed is never lost when another cell comes.

    Signals:
        written: The reader finished a note; the cell id and its text.
        left: The reader is done here; the gallery should have the keys.
    """

    written = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell_id: int | None = None
        self._stored = ""
        self.setPlaceholderText("Note on this cell (N)")
        self.setAccessibleName("Note on this cell")
        self.setMaxLength(_LONGEST)
        self.editingFinished.connect(self._finish)
        self.installEventFilter(self)
        self.show_note(None, "")

    def show_note(self, cell_id: int | None, text: str) -> None:
        """Show the note of a cell; what is typed just now for the same cell stays.

        Args:
            cell_id: Row id of the cell, or None to hide the field.
            text: Its note.
        """
        another = cell_id is None or cell_id != self._cell_id
        if another:
            self._keep_typed()
        self._cell_id, self._stored = cell_id, text
        self.setEnabled(cell_id is not None)
        self.setVisible(cell_id is not None)
        if another or not self.isModified():
            self.setText(text)

    def edit(self) -> None:
        """Take the keyboard."""
        if self.isEnabled():
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Escape leaves the note as it was; Enter and Escape go back to the gallery."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key is Qt.Key.Key_Escape and self._cell_id is not None:
                self.setText(self._stored)
            if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                # Later: the field must first handle the key itself.
                QTimer.singleShot(0, self.left.emit)
                return key is Qt.Key.Key_Escape
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        text = self.text().strip()
        if self._cell_id is not None and text != self._stored:
            self.written.emit(self._cell_id, text)
        self.setModified(False)

    def _keep_typed(self) -> None:
        """Write a note that was being typed when another cell came."""
        if self._cell_id is None or not self.isModified():
            return
        cell_id, text = self._cell_id, self.text().strip()
        if text != self._stored:
            # Later: the change that brought the other cell must be over first.
            QTimer.singleShot(0, self, lambda: self.written.emit(cell_id, text))
