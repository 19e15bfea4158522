"""The buttons below the training panel, and the line in which a reason is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from wbc_desktop.gui.training.training_values import Ask
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, set_rank
from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel

_MAX_REASON = 500


@dataclass(frozen=True)
class _Spec:
    text: str
    tip: str


BUTTONS = {
    "adapt": _Spec("Adapt", "Learn from these labels (Ctrl+Shift+A)"),
    "finetune": _Spec("Fine-tune…", "Train the whole network; takes minutes to hours"),
    "start_finetune": _Spec("Start", "Start now; the window stays free for reviewing"),
    "back": _Spec("Not now", "Leave everything as it is"),
    "pause": _Spec("Pause", "Let the training wait; nothing is lost"),
    "resume": _Spec("Go on", "Go on where the training stopped"),
    "cancel": _Spec("Cancel", "End the training; the present model stays"),
    "cancel_waiting": _Spec(
        "Cancel waiting", "End the training that waits; the one that runs goes on"
    ),
    "promote": _Spec("Promote", "Classify with the new model from now on"),
    "keep": _Spec("Keep as candidate", "Leave the present model in use; the new one stays listed"),
    "promote_anyway": _Spec("Promote anyway…", "Asks for a reason, which the audit log keeps"),
    "roll_back": _Spec("Roll back", "Use the model of before again; its predictions come back"),
    "discard": _Spec("Discard", "Give this training up; labels and the present model stay"),
    "done": _Spec("Done", "Leave it so; Model > Roll back stays"),
    "models": _Spec("Models…", "List, compare, export and import models (Ctrl+M)"),
}


class TrainingButtons(QWidget):
    """Shows the buttons that make sense now.

    Signals:
        asked: The id of a button that was pressed.
        reasoned: A reason was written, and the model shall be used in spite of the verdict.
        deserted: What had the keyboard is not there any more.
    """

    asked = Signal(str)
    reasoned = Signal(str)
    deserted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_id = {name: self._button(name, spec) for name, spec in BUTTONS.items()}
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
        self.show_asks(())

    def show_asks(self, asks: Sequence[Ask]) -> None:
        """Show just these buttons, in the order of the table."""
        wanted = {ask.id: ask for ask in asks}
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
            self.deserted.emit()

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
            self.reasoned.emit(text)

    def _press(self, name: str) -> None:
        if name == "promote_anyway":
            self.ask_reason()
        else:
            self.asked.emit(name)

    def _button(self, name: str, spec: _Spec) -> QPushButton:
        button = QPushButton(spec.text, self)
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
