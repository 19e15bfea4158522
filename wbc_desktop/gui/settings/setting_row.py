"""One line of the settings dialog: name and explanation, the control, and a way back."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from wbc_desktop.gui.widgets.theme import LARGE, SMALL, TIGHT, set_rank
from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel


class SettingRow(QWidget):
    """A line that knows the words it can be found by.

    Args:
        label: What is set.
        text: What it means.
        control: Changes it.
        words: Other words it is found by.
        reset: Whether it has a button that gives it back its first value.
        parent: Owner.
    """

    def __init__(
        self,
        label: str,
        text: str,
        control: QWidget,
        *,
        words: Sequence[str] = (),
        reset: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = label
        self._words = " ".join((label, text, *words)).casefold()
        self.explanation = WrappedLabel(self)
        self.explanation.setText(text)
        set_rank(self.explanation, "second")
        name = QLabel(label, self)
        name.setBuddy(control)
        self.reset_button = QToolButton(self)
        self.reset_button.setText("Reset")
        self.reset_button.setProperty("flat", True)
        self.reset_button.setAccessibleName(f"Reset {label}")
        self.reset_button.setToolTip("Give this setting its first value again")
        self.reset_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self.reset_button.setVisible(reset)
        words_column = QVBoxLayout()
        words_column.setSpacing(TIGHT // 2)
        words_column.addWidget(name)
        words_column.addWidget(self.explanation)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SMALL, 0, SMALL)
        row.setSpacing(LARGE)
        row.addLayout(words_column, 1)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(control, 0, top)
        row.addWidget(self.reset_button, 0, top)

    def matches(self, search: str) -> bool:
        """Tell whether every word of a search is among the words of this line."""
        return all(word in self._words for word in search.casefold().split())
