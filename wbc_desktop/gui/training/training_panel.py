"""The panel of a training, beside the gallery: what can be learned, how far it is, what came of it.

It shows values and asks by its buttons; ``training_controller`` knows the job behind them. It never
takes the keyboard by itself and never covers a cell, so that reviewing goes on meanwhile.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.training.training_buttons import TrainingButtons
from wbc_desktop.gui.training.training_values import (
    Ask,
    ChangeReport,
    CurvePoint,
    RunView,
    VerdictView,
)
from wbc_desktop.gui.training.verdict_view import TrainingVerdict
from wbc_desktop.gui.widgets.collapsible_section import Fold
from wbc_desktop.gui.widgets.theme import (
    MEDIUM,
    SMALL,
    TIGHT,
    Theme,
    figures,
    section_head,
    set_rank,
)
from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:  # the window is painted before pyqtgraph loads
    from wbc_desktop.gui.training.training_curves import TrainingCurves

_LOG_HEIGHT = 140
_MOVES = 12  # kinds of change named one by one


class TrainingPanel(QWidget):
    """Title, progress, curves, verdict, log and buttons; only what there is to show is shown.

    Signals:
        asked: The id of a button.
        reasoned: A reason for a model that the rule advises against.
        closed: The panel shall go.
        left: The keyboard shall go back to the cells.

    Attributes:
        theme: Colours.

    Args:
        theme: As above.
        parent: Owner.
    """

    asked = Signal(str)
    reasoned = Signal(str)
    closed = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._curves: TrainingCurves | None = None
        self._title = WrappedLabel(self)
        self._title.setFont(section_head(self.font()))
        self._text = WrappedLabel(self)
        self._text.setFont(figures(self.font()))
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(SMALL)
        self._bar.setAccessibleName("Progress of the training")
        self._curves_place = QVBoxLayout()
        self.verdict = TrainingVerdict(theme, self)
        self._report = WrappedLabel(self)
        self._report.setFont(figures(self.font()))
        self._log = QPlainTextEdit(self)
        self._log.setReadOnly(True)
        self._log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._log.setFixedHeight(_LOG_HEIGHT)
        self._log.setTabChangesFocus(True)
        self._log.setAccessibleName("Log of the training")
        self._log_fold = Fold("Log", self._log, self)
        self._log_fold.set_open(False)
        self.buttons = TrainingButtons(self)
        self.buttons.asked.connect(self.asked)
        self.buttons.reasoned.connect(self.reasoned)
        self.buttons.deserted.connect(self.left)
        self._lay_out()
        self.setAccessibleName("Training")
        self.clear()
        self.hide()

    @property
    def title(self) -> str:
        """What it is about now."""
        return self._title.text()

    @property
    def text(self) -> str:
        """What stands below the title."""
        return self._text.text()

    @property
    def report(self) -> str:
        """Which predictions changed."""
        return self._report.text()

    @property
    def log(self) -> str:
        """The end of the log."""
        return self._log.toPlainText()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self.theme = theme
        self.verdict.set_theme(theme)
        if self._curves is not None:
            self._curves.set_theme(theme)

    def clear(self) -> None:
        """Show nothing of an earlier training."""
        self._say("", "")
        self._bar.hide()
        self.verdict.hide()
        self._report.hide()
        self.show_curves(())
        self.show_log("")
        self.buttons.show_asks(())

    def show_text(
        self, title: str, text: str, asks: Sequence[Ask], *, warning: bool = False
    ) -> None:
        """Say something, with nothing under way.

        Args:
            title: One line.
            text: Sentences.
            asks: What the reader can do now.
            warning: It went wrong.
        """
        self._say(title, text, warning=warning)
        self._bar.hide()
        self.verdict.hide()
        self._report.hide()
        self.buttons.show_asks(asks)

    def show_run(self, run: RunView, asks: Sequence[Ask]) -> None:
        """Show how far a job is."""
        self._say(run.title, run.text)
        self.verdict.hide()
        self._report.hide()
        still = run.paused or run.queued  # else a bar without an end runs to and fro
        self._bar.setMaximum(max(1, run.total) if still else run.total)
        self._bar.setValue(run.done)
        self._bar.show()
        self.buttons.show_asks(asks)

    def show_verdict(
        self, title: str, text: str, verdict: VerdictView, asks: Sequence[Ask]
    ) -> None:
        """Show what came of a job."""
        self._say(title, text)
        self._bar.hide()
        self._report.hide()
        self.verdict.show_verdict(verdict)
        self.verdict.show()
        self.buttons.show_asks(asks)

    def show_report(self, report: ChangeReport) -> None:
        """Say which predictions a new classification has changed."""
        self._report.setText(report_text(report))
        self._report.show()

    def show_curves(self, points: Sequence[CurvePoint]) -> None:
        """Show loss and macro-F1; one point is no curve, so that there is no plot before two."""
        if len(points) < 2:
            if self._curves is not None:
                self._curves.hide()
            return
        if self._curves is None:
            from wbc_desktop.gui.training.training_curves import TrainingCurves

            self._curves = TrainingCurves(self.theme, self)
            self._curves_place.addWidget(self._curves)
        self._curves.show_points(points)
        self._curves.show()

    def show_log(self, text: str) -> None:
        """Show the end of the log; without one there is no section."""
        self._log_fold.setVisible(bool(text))
        if text != self._log.toPlainText():
            self._log.setPlainText(text)
            bar = self._log.verticalScrollBar()
            bar.setValue(bar.maximum())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Give the keyboard back to the cells with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.buttons.hide_reason()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Half of a middling centre."""
        return QSize(420, 420)

    def _say(self, title: str, text: str, *, warning: bool = False) -> None:
        self._title.setText(title)
        self._title.setVisible(bool(title))
        set_rank(self._title, "warning" if warning else "")
        self._text.setText(text)
        self._text.setVisible(bool(text))

    def _lay_out(self) -> None:
        name = QLabel("Training", self)
        set_rank(name, "second")
        close = QToolButton(self)
        close.setText("×")
        close.setToolTip("Hide the panel (Ctrl+Shift+T); a training goes on")
        close.setAccessibleName("Hide the training panel")
        close.setProperty("flat", True)
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setContentsMargins(MEDIUM, TIGHT, SMALL, TIGHT)
        head.addWidget(name, 1)
        head.addWidget(close)
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(MEDIUM, TIGHT, MEDIUM, SMALL)
        column.setSpacing(SMALL)
        for part in (self._title, self._text, self._bar):
            column.addWidget(part)
        column.addWidget(self._report)
        column.addWidget(self.verdict)
        column.addLayout(self._curves_place)
        column.addWidget(self._log_fold)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setProperty("flat", True)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(area, 1)
        rows.addWidget(self.buttons)
        self.setMinimumWidth(320)


def report_text(report: ChangeReport) -> str:
    """Return which predictions changed, the most frequent changes one by one."""
    cells = counted(report.total, "cell")
    if not report.changed:
        return f"{cells} without a label classified anew by {report.model_id}; no class changed."
    changed = f"{report.changed:,} of {cells} without a label are of another class now."
    lines = [f"{changed} Labels given by people stay as they are."]
    lines += [f"{m.n:,} × {m.before} → {m.after}" for m in report.moves[:_MOVES]]
    rest = sum(m.n for m in report.moves[_MOVES:])
    return "\n".join([*lines, f"{rest:,} more"] if rest else lines)
