"""The bar below the gallery that asks before a whole group is accepted. No dialog: one can look on.

It takes the keyboard while it is there, so that no class key labels by mistake what is marked for
acceptance; keys that scroll are handed to the gallery. It goes when the reader turns to anything
else in the window.
"""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, section_head, set_rank

HINT = "Enter accepts, Esc leaves, + and − change the threshold, ← and → the group."

_ROOM_FOR_KEYS = 700
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_THRESHOLDS = {
    Qt.Key.Key_Plus: 1,
    Qt.Key.Key_Equal: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Minus: -1,
    Qt.Key.Key_Underscore: -1,
    Qt.Key.Key_Down: -1,
}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_CHORD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class AcceptGroupBar(QFrame):
    """A question, what stays as it is, the threshold, and three buttons.

    Signals:
        accepted: Accept what the question names.
        left: Accept nothing and close.
        abandoned: The reader turned to another part of the window.
        stepped: +1 for the next group, −1 for the one before.
        threshold_stepped: +1 for a higher threshold, −1 for a lower one.
        paged: +1 to look further down the gallery, −1 further up.
    """

    accepted = Signal()
    left = Signal()
    abandoned = Signal()
    stepped = Signal(int)
    threshold_stepped = Signal(int)
    paged = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("strip", "below")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._n = 0
        self._question = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._question.setFont(section_head(self.font()))
        self._rest = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._rest.setFont(figures(self.font()))
        set_rank(self._rest, "second")
        self._threshold = QLabel(self)
        self._threshold.setFont(figures(self.font()))
        self._lower = self._small("−", "Lower the threshold (−)", -1)
        self._higher = self._small("+", "Raise the threshold (+)", 1)
        self._accept = self._push("Accept", "Accept these cells (Enter)")
        self._accept.clicked.connect(self.accepted)
        self._next = self._push("Next group", "Leave this group as it is (→)")
        self._next.clicked.connect(lambda: self.stepped.emit(1))
        self._leave = self._push("Leave", "Accept nothing more (Esc)")
        self._leave.clicked.connect(self.left)
        self._lay_out()
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)

    @property
    def question(self) -> str:
        """What is asked."""
        return self._question.whole

    @property
    def rest(self) -> str:
        """What stays as it is."""
        return self._rest.whole

    def ask(self, question: str, rest: str, *, n: int, threshold: str) -> None:
        """Ask, and take the keyboard.

        Args:
            question: With the number of cells.
            rest: What stays as it is.
            n: Cells to be accepted.
            threshold: In words.
        """
        self._question.show_text(question)
        self._rest.show_text(rest)
        set_rank(self._rest, "second")
        self._threshold.setText(threshold)
        self._n = n
        self._accept.setEnabled(n > 0)
        self._name_buttons()
        self.setAccessibleName(f"{question} {rest}")
        self.setAccessibleDescription(HINT)
        if not self.isVisible():
            self.show()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def warn(self, text: str) -> None:
        """Say what keeps the question open."""
        self._rest.show_text(text)
        set_rank(self._rest, "warning")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Name the keys on the buttons where there is room."""
        super().resizeEvent(event)
        self._name_buttons()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never widen the window."""
        return QSize(1, super().sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Claim every plain key before the window's shortcuts see it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            function_key = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
            if not event.modifiers() & _CHORD and not function_key:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Answer, step, scroll; anything else says how to answer."""
        key = Qt.Key(event.key())
        if event.modifiers() & _CHORD or key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():  # a key held down answers no question after the first
                self._answer()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in _THRESHOLDS:
            self.threshold_stepped.emit(_THRESHOLDS[key])
        elif key in _PAGES:
            self.paged.emit(_PAGES[key])
        elif event.text() and not event.isAutoRepeat():
            self.warn(HINT)

    def _name_buttons(self) -> None:
        roomy = self.width() >= _ROOM_FOR_KEYS
        accept = f"Accept {self._n:,}" if self._n else "Accept"
        named = ((self._accept, accept, "Enter"), (self._next, "Next group", "→"))
        for button, text, key in (*named, (self._leave, "Leave", "Esc")):
            button.setText(f"{text} ({key})" if roomy else text)

    def _answer(self) -> None:
        button = self.focusWidget()
        if isinstance(button, QAbstractButton) and button.hasFocus():
            button.click()
        elif self._accept.isEnabled():
            self.accepted.emit()
        else:
            self.stepped.emit(1)

    def _follow_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if not self.isVisible() or new is None or new.window() is not self.window():
            return
        if new is not self and not self.isAncestorOf(new):
            self.abandoned.emit()

    def _lay_out(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        upper.setSpacing(TIGHT)
        upper.addWidget(self._question, 1)
        for part in (self._lower, self._threshold, self._higher):
            upper.addWidget(part)
        lower.setSpacing(SMALL)
        lower.addWidget(self._rest, 1)
        for button in (self._accept, self._next, self._leave):
            lower.addWidget(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(MEDIUM, SMALL, MEDIUM, SMALL)
        rows.setSpacing(TIGHT)
        rows.addLayout(upper)
        rows.addLayout(lower)

    def _push(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _small(self, text: str, tip: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.threshold_stepped.emit(by))
        return button
