"""The panel of a training, beside the gallery: what can be learned, how far it is, what came of it.

It shows values and asks by its buttons; ``training_controller`` knows the job behind them. It
never takes the keyboard by itself and never covers a cell, so that reviewing goes on meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.training.evaluation_panel import EvaluationPanel
from wbc_desktop.gui.training.training_text import reclassification_text
from wbc_desktop.gui.training.view_models import (
    CurvePoint,
    EvaluationView,
    PanelButton,
    ProgressView,
    ReclassificationView,
)
from wbc_desktop.gui.widgets.collapsible_section import CollapsibleSection
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import (
    MEDIUM,
    SMALL,
    TIGHT,
    Theme,
    figures,
    section_head,
    set_rank,
)

if TYPE_CHECKING:  # the window is painted before pyqtgraph loads
    from wbc_desktop.gui.training.training_curves import TrainingCurves

_LOG_HEIGHT = 140
_MAX_REASON = 500


@dataclass(frozen=True)
class _ButtonText:
    text: str
    tip: str


BUTTONS = {
    "adapt": _ButtonText("Adapt", "Learn from these labels (Ctrl+Shift+A)"),
    "finetune": _ButtonText("Fine-tune…", "Train the whole network; takes minutes to hours"),
    "start_finetune": _ButtonText("Start", "Start now; the window stays free for reviewing"),
    "back": _ButtonText("Not now", "Leave everything as it is"),
    "pause": _ButtonText("Pause", "Let the training wait; nothing is lost"),
    "resume": _ButtonText("Go on", "Go on where the training stopped"),
    "cancel": _ButtonText("Cancel", "End the training; the present model stays"),
    "cancel_waiting": _ButtonText(
        "Cancel waiting", "End the training that waits; the one that runs goes on"
    ),
    "promote": _ButtonText("Promote", "Classify with the new model from now on"),
    "keep": _ButtonText(
        "Keep as candidate", "Leave the present model in use; the new one stays listed"
    ),
    "promote_anyway": _ButtonText(
        "Promote anyway…", "Asks for a reason, which the audit log keeps"
    ),
    "roll_back": _ButtonText(
        "Roll back", "Use the model of before again; its predictions come back"
    ),
    "discard": _ButtonText("Discard", "Give this training up; labels and the present model stay"),
    "done": _ButtonText("Done", "Leave it so; Model > Roll back stays"),
    "models": _ButtonText("Models…", "List, compare, export and import models (Ctrl+M)"),
}


class TrainingPanel(QWidget):
    """Title, progress, curves, evaluation, log and buttons; only what there is to show is shown.

    Signals:
        button_pressed: The id of a button.
        reason_given: A reason for a model that the rule advises against.
        closed: The panel shall go.
        escaped: The keyboard shall go back to the cells.

    Attributes:
        theme: Colours.

    Args:
        theme: As above.
        parent: Owner.
    """

    button_pressed = Signal(str)
    reason_given = Signal(str)
    closed = Signal()
    escaped = Signal()

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
        self.evaluation = EvaluationPanel(theme, self)
        self._report = WrappedLabel(self)
        self._report.setFont(figures(self.font()))
        self._log = QPlainTextEdit(self)
        self._log.setReadOnly(True)
        self._log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._log.setFixedHeight(_LOG_HEIGHT)
        self._log.setTabChangesFocus(True)
        self._log.setAccessibleName("Log of the training")
        self._log_fold = CollapsibleSection("Log", self._log, self)
        self._log_fold.set_open(False)
        self.buttons = TrainingButtons(self)
        self.buttons.button_pressed.connect(self.button_pressed)
        self.buttons.reason_given.connect(self.reason_given)
        self.buttons.focus_lost.connect(self.escaped)
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
        self.evaluation.set_theme(theme)
        if self._curves is not None:
            self._curves.set_theme(theme)

    def clear(self) -> None:
        """Show nothing of an earlier training."""
        self._say("", "")
        self._bar.hide()
        self.evaluation.hide()
        self._report.hide()
        self.show_curves(())
        self.show_log("")
        self.buttons.show_buttons(())

    def show_text(
        self, title: str, text: str, buttons: Sequence[PanelButton], *, warning: bool = False
    ) -> None:
        """Say something, with nothing under way.

        Args:
            title: One line.
            text: Sentences.
            buttons: What the reader can do now.
            warning: It went wrong.
        """
        self._say(title, text, warning=warning)
        self._bar.hide()
        self.evaluation.hide()
        self._report.hide()
        self.buttons.show_buttons(buttons)

    def show_progress(self, progress: ProgressView, buttons: Sequence[PanelButton]) -> None:
        """Show how far a job is."""
        self._say(progress.title, progress.text)
        self.evaluation.hide()
        self._report.hide()
        still = progress.paused or progress.queued  # else a bar without an end runs to and fro
        self._bar.setMaximum(max(1, progress.total) if still else progress.total)
        self._bar.setValue(progress.done)
        self._bar.show()
        self.buttons.show_buttons(buttons)

    def show_evaluation(
        self, title: str, text: str, view: EvaluationView, buttons: Sequence[PanelButton]
    ) -> None:
        """Show what came of a job."""
        self._say(title, text)
        self._bar.hide()
        self._report.hide()
        self.evaluation.show_evaluation(view)
        self.evaluation.show()
        self.buttons.show_buttons(buttons)

    def show_reclassification(self, view: ReclassificationView) -> None:
        """Say which predictions a new classification has changed."""
        self._report.setText(reclassification_text(view))
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
            self.escaped.emit()
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
        column.addWidget(self.evaluation)
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


class TrainingButtons(QWidget):
    """Shows the buttons that make sense now.

    Signals:
        button_pressed: The id of a button that was pressed.
        reason_given: A reason was written, and the model shall be used in spite of the verdict.
        focus_lost: What had the keyboard is not there any more.
    """

    button_pressed = Signal(str)
    reason_given = Signal(str)
    focus_lost = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_id = {name: self._button(name, text) for name, text in BUTTONS.items()}
        self._hint = WrappedLabel(self)
        self._hint.setText(
            "The rule advises against this model. Why shall it be used? The audit log keeps it."
        )
        set_rank(self._hint, "warning")
        self.use = QPushButton("Promote", self)
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(_MAX_REASON)
        self.reason.setPlaceholderText("Reason")
        self.reason.setAccessibleName("Reason to promote the model anyway")
        self.reason.textChanged.connect(lambda text: self.use.setEnabled(bool(text.strip())))
        self.reason.returnPressed.connect(self._give_reason)
        self.use.setAutoDefault(False)
        self.use.setToolTip("Classify with this model from now on; the reason is recorded")
        self.use.setEnabled(False)
        self.use.clicked.connect(self._give_reason)
        self._lay_out()
        self.show_buttons(())

    def show_buttons(self, buttons: Sequence[PanelButton]) -> None:
        """Show just these buttons, in the order of the table."""
        wanted = {button.id: button for button in buttons}
        focused = self.window().focusWidget()
        mine = [w for w in (*self.by_id.values(), self.reason, self.use) if w is focused]
        for name, button in self.by_id.items():
            button.setVisible(name in wanted)
            if name in wanted:
                button.setEnabled(wanted[name].enabled)
                button.setToolTip(wanted[name].why_not or BUTTONS[name].tip)
        if "promote_anyway" not in wanted:
            self.hide_reason()
        if any(widget.isHidden() for widget in mine):
            self.focus_lost.emit()

    def ask_reason(self) -> None:
        """Ask for a reason, in place."""
        for part in (self._hint, self.reason, self.use):
            part.show()
        self.reason.setFocus()

    def hide_reason(self) -> None:
        """Ask for none."""
        for part in (self._hint, self.reason, self.use):
            part.hide()
        self.reason.clear()

    def shown(self) -> list[str]:
        """Return the ids of the buttons that can be seen."""
        return [name for name, button in self.by_id.items() if not button.isHidden()]

    def _give_reason(self) -> None:
        text = self.reason.text().strip()
        if text:
            self.reason_given.emit(text)

    def _press(self, name: str) -> None:
        if name == "promote_anyway":
            self.ask_reason()
        else:
            self.button_pressed.emit(name)

    def _button(self, name: str, text: _ButtonText) -> QPushButton:
        button = QPushButton(text.text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._press(name))
        return button

    def _lay_out(self) -> None:
        asking = QHBoxLayout()
        asking.setSpacing(SMALL)
        asking.addWidget(self.reason, 1)
        asking.addWidget(self.use)
        row = QHBoxLayout()
        row.setSpacing(SMALL)
        for button in self.by_id.values():
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MEDIUM, SMALL, MEDIUM, SMALL)
        column.setSpacing(SMALL)
        column.addWidget(self._hint)
        column.addLayout(asking)
        column.addLayout(row)
