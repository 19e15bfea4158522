"""One line below the gallery that says what just happened, with an Undo where many cells changed.

It is always there, so that nothing moves when it speaks, and it never takes the keyboard.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

HINT = (
    "Select cells and press a class key, or drag them to a class. Space accepts, ? lists all keys."
)
NO_CELLS = "Import cells to begin: Ctrl+I, or drop a folder or a ZIP file onto this window."


class NoticeStrip(QWidget):
    """A quiet line of text with at most one button.

    Signals:
        undo_asked: The Undo button was pressed.
        regroup_asked: The Regroup button was pressed.
        offer_asked: The button of an offer was pressed.
    """

    undo_asked = Signal()
    regroup_asked = Signal()
    offer_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._text.setFont(figures(self.font()))
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._undo = QPushButton("Undo", self)
        self._undo.setToolTip("Take this back (Ctrl+Z)")
        self._undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._undo.clicked.connect(self.undo_asked)
        self._regroup = QPushButton("Regroup now", self)
        self._regroup.setToolTip("Move newly classified cells into their groups (Ctrl+G)")
        self._regroup.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._regroup.clicked.connect(self.regroup_asked)
        self._offer = QPushButton(self)
        self._offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._offer.clicked.connect(self.offer_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM, TIGHT, MEDIUM, TIGHT)
        row.setSpacing(SMALL)
        row.addWidget(self._text, 1)
        row.addWidget(self._undo)
        row.addWidget(self._regroup)
        row.addWidget(self._offer)
        self.setFixedHeight(max(self._undo.sizeHint().height(), 24) + 2 * TIGHT)
        self._undo.hide()
        self._regroup.hide()
        self._offer.hide()
        self._hint = HINT
        self.clear()

    @property
    def text(self) -> str:
        """The line that stands there now."""
        return self._text.whole

    @property
    def undo_button(self) -> QPushButton:
        """The Undo button; visible only after a bulk change."""
        return self._undo

    @property
    def offer_button(self) -> QPushButton:
        """What is offered for now, such as a training; visible only while there is an offer."""
        return self._offer

    def clear(self) -> None:
        """Show the standing hint."""
        self._say(self._hint, rank="second", undo=False)

    def show_hint(self, there_are_cells: bool, *, running: str = "") -> None:
        """Let the standing hint say what can be done now; another text stays.

        Args:
            there_are_cells: In the open workspace.
            running: What runs now, and may bring the first cells.
        """
        stands = self.text in ("", self._hint)
        no_cells = f"{running} … The cells appear above in a moment." if running else NO_CELLS
        self._hint = HINT if there_are_cells else no_cells
        if stands:
            self.clear()

    def say(self, text: str, *, undo: bool = False) -> None:
        """Say what was done.

        Args:
            text: One sentence.
            undo: Offer to take it back.
        """
        self._say(text, rank="", undo=undo)

    def warn(self, text: str) -> None:
        """Say what could not be done, and why."""
        self._say(text, rank="warning", undo=False)

    def show_waiting(self, n: int) -> None:
        """Offer to regroup while ``n`` cells have a new class but stand in their old group."""
        self._regroup.setVisible(n > 0)
        self._regroup.setText(f"Regroup now ({n:,})")

    def show_offer(self, text: str, tip: str = "") -> None:
        """Offer something, for as long as it can be had; an empty text takes it away."""
        self._offer.setText(text)
        self._offer.setToolTip(tip)
        self._offer.setVisible(bool(text))

    def _say(self, text: str, *, rank: str, undo: bool) -> None:
        self._text.show_text(text)
        set_rank(self._text, rank)
        self._undo.setVisible(undo)
