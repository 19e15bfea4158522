"""A strip on top of the window that offers something once, without stopping the reader."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something to be offered.

    Attributes:
        text: What it is about, in a sentence or two.
        acts: Buttons with what they do; each takes the offer away.
        dismiss: What the last button says.
        on_dismiss: What that button does.
    """

    text: str
    acts: Sequence[tuple[str, Callable[[], None]]] = ()
    dismiss: str = "&Dismiss"
    on_dismiss: Callable[[], None] = lambda: None


class OfferStrip(QFrame):
    """Shows one offer after another; it never takes the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("strip", "above")
        self._waiting: deque[Offer] = deque()
        self._text = WrappedLabel(self)
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MEDIUM, SMALL, MEDIUM, SMALL)
        self._row.setSpacing(SMALL)
        self._row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        """What is offered now; empty if nothing is."""
        return self._text.text() if self._waiting else ""

    @property
    def buttons(self) -> Sequence[QPushButton]:
        """The buttons of the present offer, the one that takes it away last."""
        return tuple(self._buttons)

    def offer(self, offer: Offer) -> None:
        """Offer something now, or after what is offered already."""
        self._waiting.append(offer)
        if len(self._waiting) == 1:
            self._show()

    def take_back(self, offer: Offer) -> None:
        """Offer something no longer; nothing happens if it was answered."""
        if offer in self._waiting:
            shown = self._waiting[0] is offer
            self._waiting.remove(offer)
            if shown:
                self._show()

    def _show(self) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        self.setVisible(bool(self._waiting))
        if not self._waiting:
            return
        offer = self._waiting[0]
        self._text.setText(offer.text)
        for text, act in (*offer.acts, (offer.dismiss, offer.on_dismiss)):
            button = QPushButton(text, self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, act=act: self._answer(act))
            self._row.addWidget(button)
            self._buttons.append(button)
            button.show()

    def _answer(self, act: Callable[[], None]) -> None:
        self._waiting.popleft()
        self._show()
        act()
