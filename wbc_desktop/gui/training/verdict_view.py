"""The verdict on a new model: one line, the reasons, the measures and every class."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from wbc_desktop.gui.training.class_changes import LEGEND, ClassChanges
from wbc_desktop.gui.training.training_values import Figure, VerdictView
from wbc_desktop.gui.widgets.collapsible_section import Fold
from wbc_desktop.gui.widgets.theme import (
    LARGE,
    SMALL,
    TIGHT,
    Theme,
    figures,
    section_head,
    set_rank,
)
from wbc_desktop.gui.widgets.wrapped_label import WrappedLabel

_WIDEST = 520  # px
_UNBOUND = 16_777_215  # px; Qt's QWIDGETSIZE_MAX, which PySide does not name


class TrainingVerdict(QWidget):
    """Shows a ``VerdictView``.

    Args:
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = WrappedLabel(self)
        self._title.setFont(section_head(self.font()))
        self._reasons = WrappedLabel(self)
        self._figures = QWidget(self)
        self._grid = QGridLayout(self._figures)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(LARGE)
        self._grid.setVerticalSpacing(TIGHT)
        self._grid.setColumnStretch(0, 1)
        self.classes = ClassChanges(theme, self)
        self.classes.setMaximumWidth(_WIDEST)
        self.legend = WrappedLabel(self)
        self.legend.setText(LEGEND)
        set_rank(self.legend, "second")
        self._fold = Fold("Each class", self._each_class(), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SMALL)
        for part in (self._title, self._reasons, self._figures, self._fold):
            column.addWidget(part)

    @property
    def title(self) -> str:
        """The verdict in one line."""
        return self._title.text()

    @property
    def reasons(self) -> str:
        """Why."""
        return self._reasons.text()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self.classes.set_theme(theme)

    def show_verdict(self, verdict: VerdictView) -> None:
        """Show a verdict."""
        mark = "" if verdict.plain else ("✓ " if verdict.better else "✗ ")
        self._title.setText(f"{mark}{verdict.title}")
        set_rank(self._title, "" if verdict.better else "warning")
        self._reasons.setText("\n".join(f"• {reason}" for reason in verdict.reasons))
        self._reasons.setVisible(bool(verdict.reasons))
        self._show_figures(verdict.figures, verdict.heads)
        self._set_width(words=verdict.plain)
        self.classes.show_rows(verdict.classes)
        self.legend.setVisible(not all(row.counts for row in verdict.classes))
        self._fold.setVisible(bool(verdict.classes))

    def _each_class(self) -> QWidget:
        part = QWidget(self)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(TIGHT)
        column.addWidget(self.classes)
        column.addWidget(self.legend)
        return part

    def _show_figures(self, rows: tuple[Figure, ...], heads: tuple[str, str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # until it is deleted it would show through
                widget.deleteLater()
        self._figures.setVisible(bool(rows))
        for column, head in enumerate(("", *heads)):
            self._put(0, column, head, rank="second")
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate((row.name, row.before, row.after)):
                self._put(number, column, text, tip=row.tip)

    def _set_width(self, *, words: bool) -> None:
        """Let words be as wide as they are; figures end where the bars of the classes end."""
        policy = self._figures.sizePolicy()
        wide = QSizePolicy.Policy.Maximum if words else QSizePolicy.Policy.Preferred
        policy.setHorizontalPolicy(wide)
        self._figures.setSizePolicy(policy)
        self._figures.setMaximumWidth(_UNBOUND if words else _WIDEST)

    def _put(self, row: int, column: int, text: str, *, rank: str = "", tip: str = "") -> None:
        label = QLabel(text, self._figures)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(figures(self.font()))
        label.setToolTip(tip)
        set_rank(label, rank)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(label, row, column, side)
