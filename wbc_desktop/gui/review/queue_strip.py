"""The strip above the gallery while the review queue runs: how far, how long, why this cell."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.labels import ElidedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, section_head, set_rank

_BAR = 3
_ROOM_FOR_TITLE = 600


class ReviewQueueStrip(QFrame):
    """A title, the progress, the reason, and buttons to pass over a cell and to stop.

    Signals:
        passed_over: The reader wants the next cell without a label on this one.
        stopped: The reader has had enough.
    """

    passed_over = Signal()
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("strip", "above")
        self._title = QLabel("Review queue", self)
        self._title.setFont(section_head(self.font()))
        self._progress = QLabel(self)
        self._progress.setFont(figures(self.font()))
        self._progress.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._why = ElidedLabel(self, mode=Qt.TextElideMode.ElideRight)
        self._why.setFont(figures(self.font()))
        set_rank(self._why, "second")
        self._over = self._button("Pass over", "Go on and leave this cell as it is")
        self._over.clicked.connect(self.passed_over)
        self._stop = self._button("Stop", "Leave the queue; everything is saved (V or Esc)")
        self._stop.clicked.connect(self.stopped)
        self._bar = _Bar(self)
        row = QHBoxLayout()
        row.setContentsMargins(MEDIUM, TIGHT, SMALL, TIGHT)
        row.setSpacing(MEDIUM)
        row.addWidget(self._title)
        row.addWidget(self._progress)
        row.addWidget(self._why, 1)
        row.addWidget(self._over)
        row.addWidget(self._stop)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(row)
        rows.addWidget(self._bar)
        self.hide()

    @property
    def progress(self) -> str:
        """Where the reader stands, in words; at the end what was done."""
        return self._progress.text() or self._why.whole

    @property
    def why(self) -> str:
        """Why the present cell is in the queue."""
        return self._why.whole

    def show_cell(self, progress: str, why: str, *, position: int, n: int) -> None:
        """Show where the reader stands.

        Args:
            progress: How far and how long, in words.
            why: Why the present cell is in the queue.
            position: Cells of the queue that lie behind.
            n: Cells in the queue.
        """
        self._title.setText("Review queue")
        self._say(progress, why)
        self._bar.show_share(position / max(1, n))
        self._over.show()
        self._stop.setText("Stop")

    def show_end(self, summary: str) -> None:
        """Say what was done, until the reader closes the strip."""
        self._title.setText("Queue done")
        self._say("", summary)
        self._bar.show_share(1.0)
        self._over.hide()
        self._stop.setText("Close")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Do without the title where there is no room for it."""
        super().resizeEvent(event)
        self._title.setVisible(self.width() >= _ROOM_FOR_TITLE)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never widen the window."""
        return QSize(1, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Stop with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.stopped.emit()
        else:
            super().keyPressEvent(event)

    def _say(self, progress: str, why: str) -> None:
        self._progress.setText(progress)
        self._progress.setVisible(bool(progress))
        self._why.show_text(why)
        self.setAccessibleName(". ".join(p for p in (self._title.text(), progress, why) if p))
        self.show()

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button


class _Bar(QWidget):
    """How much of the queue lies behind. Unlike Qt's own bar it never repaints in mid-act."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setFixedHeight(_BAR)

    def show_share(self, share: float) -> None:
        """Show another share, 0 … 1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the part that is done."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().midlight())
        done = QRect(0, 0, round(self.width() * self._share), self.height())
        painter.fillRect(done, self.palette().highlight())
        painter.end()
