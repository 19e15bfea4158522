"""The strip above the gallery that says whether a slide is unlike the training sites.

It is calm: it comes when the reader chooses the slide or when its classification has ended, goes
when it is dismissed, and never takes the keyboard. What it says is decided by ``slide_quality``.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

_ICON = 20


class ShiftBanner(QFrame):
    """A title, a few sentences, and a button that hides them.

    Signals:
        dismissed: The reader has read it.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shift_banner")
        self._alarm = False
        self._icons: Icons | None = None
        self._icon = QLabel(self)
        self._icon.setFixedSize(QSize(_ICON, _ICON))
        self._title = self._line()
        self._text = self._line()
        self._dismiss = QToolButton(self)
        self._dismiss.setText("Dismiss")
        self._dismiss.setProperty("flat", True)
        self._dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dismiss.setToolTip("Hide this until the program is started again (Q shows it)")
        self._dismiss.clicked.connect(self.dismissed)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(TIGHT // 2)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM, SMALL, SMALL, SMALL)
        row.setSpacing(SMALL)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def title(self) -> str:
        """The line in front."""
        return self._title.text()

    @property
    def text(self) -> str:
        """The sentences below it."""
        return self._text.text()

    @property
    def dismiss_button(self) -> QToolButton:
        """The button that hides the strip."""
        return self._dismiss

    def show_quality(self, title: str, text: str, *, tip: str, alarm: bool) -> None:
        """Show the strip.

        Args:
            title: What it is about.
            text: Sentences.
            tip: The figures behind them, for the tooltip.
            alarm: It is a warning.
        """
        self._alarm = alarm
        self._title.setText(title)
        self._text.setText(text)
        self.setToolTip(tip)
        set_rank(self._title, "warning" if alarm else "")
        self.setAccessibleName(f"{title} {text}")
        self._paint_icon()
        self.show()

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._icons = icons
        self._paint_icon()

    def _paint_icon(self) -> None:
        if self._icons is not None:
            icon = self._icons["warning" if self._alarm else "slide_quality"]
            self._icon.setPixmap(icon.pixmap(QSize(_ICON, _ICON)))

    def _line(self) -> WrappedLabel:
        label = WrappedLabel(self)
        label.setFont(figures(self.font()))
        return label
