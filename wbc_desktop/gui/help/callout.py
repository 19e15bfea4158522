"""A card beside a part of the window, and a frame around it. Nothing is dimmed or blocked."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, section_head, set_rank

_WIDTH = 340
_FRAME = 2  # px, of the line around the part
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Backspace)


class Callout(QFrame):
    """The card, with its own keys while it has the keyboard; Esc works from everywhere.

    Signals:
        next_asked: Go on.
        back_asked: Go back.
        closed: Leave the tour.
    """

    next_asked = Signal()
    back_asked = Signal()
    closed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("command_palette")  # the same paper as the palette
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(_WIDTH)
        self._window = window
        self._target: QWidget | None = None
        self._marker = _Marker(window)
        self._title = QLabel(self)
        self._title.setFont(section_head(self.font()))
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._step = QLabel(self)
        set_rank(self._step, "second")
        self.back_button, self.skip_button, self.next_button = (
            self._button(text) for text in ("Back", "Skip", "Next")
        )
        self.back_button.clicked.connect(self.back_asked)
        self.skip_button.clicked.connect(self.closed)
        self.next_button.clicked.connect(self.next_asked)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.activated.connect(self.closed)
        self._lay_out()
        self.hide()
        window.installEventFilter(self)

    @property
    def title(self) -> str:
        """What the card is about."""
        return self._title.text()

    def show_step(self, target: QWidget, *, title: str, text: str, step: int, of: int) -> None:
        """Show the card beside a part of the window.

        Args:
            target: The part; one that is hidden is not framed.
            title: What it is about.
            text: A few sentences.
            step: Its number, from 1.
            of: How many there are.
        """
        self._target = target
        self._title.setText(title)
        self._text.setText(text)
        self._step.setText(f"{step} of {of}")
        self.back_button.setEnabled(step > 1)
        self.next_button.setText("Done" if step == of else "Next")
        self.skip_button.setVisible(step < of)
        self.setAccessibleName(f"Tour, step {step} of {of}: {title}. {text}")
        self._place()
        self.show()
        self.raise_()
        self.setFocus()

    def leave(self) -> None:
        """Take card and frame away."""
        self._marker.hide()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay beside the part when the window changes."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Keep the card's keys from the commands of the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (*_ON, *_BACK)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go on or back."""
        if event.key() in _ON:
            self.next_asked.emit()
        elif event.key() in _BACK and self.back_button.isEnabled():
            self.back_asked.emit()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the card has the keys
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        row.addWidget(self._step)
        row.addStretch(1)
        for button in (self.skip_button, self.back_button, self.next_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE, MEDIUM, MEDIUM, MEDIUM)
        column.setSpacing(SMALL)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(row)

    def _place(self) -> None:
        if self._target is None:
            return
        part = QRect(self._target.mapTo(self._window, QPoint()), self._target.size())
        part = part.intersected(self._window.rect())
        self._marker.frame(part if self._target.isVisible() else QRect())
        size = QSize(_WIDTH, self.heightForWidth(_WIDTH))
        self.setGeometry(beside(part, size, self._window.rect()))


class _Marker(QWidget):
    """A line around a part of the window; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def frame(self, part: QRect) -> None:
        self.setVisible(not part.isEmpty())
        self.setGeometry(part)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        pen = QPen(self.palette().accent().color(), _FRAME)
        painter = QPainter(self)
        painter.setPen(pen)
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


def beside(part: QRect, size: QSize, room: QRect) -> QRect:
    """Return where a card of a size stands: at a side of a part where there is room for it.

    Args:
        part: What the card is about.
        size: Of the card.
        room: The window; the card never leaves it.
    """
    places = (
        QPoint(part.right() + MEDIUM, part.top() + LARGE),
        QPoint(part.left() - MEDIUM - size.width(), part.top() + LARGE),
        QPoint(part.left() + LARGE, part.bottom() + MEDIUM),
        QPoint(part.left() + LARGE, part.top() - MEDIUM - size.height()),
    )
    inner = room.adjusted(SMALL, SMALL, -SMALL, -SMALL)
    cards = [_moved_into(inner, QRect(place, size)) for place in places]
    free = [card for card in cards if not card.intersects(part)]
    centred = QRect(part.center() - QPoint(size.width() // 2, size.height() // 2), size)
    return free[0] if free else _moved_into(inner, centred)


def _moved_into(room: QRect, card: QRect) -> QRect:
    x = max(room.left(), min(card.left(), room.right() - card.width() + 1))
    y = max(room.top(), min(card.top(), room.bottom() - card.height() + 1))
    return QRect(QPoint(x, y), card.size())
