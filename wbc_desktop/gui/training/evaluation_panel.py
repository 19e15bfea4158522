"""How a new model compares with the present one: one line, the reasons, the measures, every class.

In the chart of the classes, before is an outline, after is filled, and both stand as figures
beside it: colour tells nothing that is not said twice. A class with too few cells is grey, in
brackets and without an arrow.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.gui.training.view_models import ClassChange, EvaluationView, Metric
from wbc_desktop.gui.widgets.collapsible_section import CollapsibleSection
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import (
    LARGE,
    SMALL,
    TIGHT,
    Theme,
    figures,
    section_head,
    set_rank,
)

_WIDEST = 520  # px
_UNBOUND = 16_777_215  # px; Qt's QWIDGETSIZE_MAX, which PySide does not name
_ROW = 22
_BAR = 12
_CODE, _N, _FIGURE = "WWWW", "0,000", "before → after ▲"
_SAME = 0.005  # smaller changes are no change
TOO_FEW = "too few cells to judge by, not part of the mean"
LEGEND = f"Grey: {TOO_FEW}."


class EvaluationPanel(QWidget):
    """Shows an ``EvaluationView``.

    Args:
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = WrappedLabel(self)
        self._title.setFont(section_head(self.font()))
        self._reasons = WrappedLabel(self)
        self._metrics = QWidget(self)
        self._grid = QGridLayout(self._metrics)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(LARGE)
        self._grid.setVerticalSpacing(TIGHT)
        self._grid.setColumnStretch(0, 1)
        self.classes = ClassChangeChart(theme, self)
        self.classes.setMaximumWidth(_WIDEST)
        self.legend = WrappedLabel(self)
        self.legend.setText(LEGEND)
        set_rank(self.legend, "second")
        self._fold = CollapsibleSection("Each class", self._each_class(), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SMALL)
        for part in (self._title, self._reasons, self._metrics, self._fold):
            column.addWidget(part)

    @property
    def title(self) -> str:
        """The outcome in one line."""
        return self._title.text()

    @property
    def reasons(self) -> str:
        """Why."""
        return self._reasons.text()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self.classes.set_theme(theme)

    def show_evaluation(self, view: EvaluationView) -> None:
        """Show it."""
        mark = "" if view.plain else ("✓ " if view.better else "✗ ")
        self._title.setText(f"{mark}{view.title}")
        set_rank(self._title, "" if view.better else "warning")
        self._reasons.setText("\n".join(f"• {reason}" for reason in view.reasons))
        self._reasons.setVisible(bool(view.reasons))
        self._show_metrics(view.metrics, view.heads)
        self._set_width(words=view.plain)
        self.classes.show_rows(view.classes)
        self.legend.setVisible(not all(row.counts for row in view.classes))
        self._fold.setVisible(bool(view.classes))

    def _each_class(self) -> QWidget:
        part = QWidget(self)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(TIGHT)
        column.addWidget(self.classes)
        column.addWidget(self.legend)
        return part

    def _show_metrics(self, rows: tuple[Metric, ...], heads: tuple[str, str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # until it is deleted it would show through
                widget.deleteLater()
        self._metrics.setVisible(bool(rows))
        for column, head in enumerate(("", *heads)):
            self._put(0, column, head, rank="second")
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate((row.name, row.before, row.after)):
                self._put(number, column, text, tip=row.tip)

    def _set_width(self, *, words: bool) -> None:
        """Let words be as wide as they are; figures end where the bars of the classes end."""
        policy = self._metrics.sizePolicy()
        wide = QSizePolicy.Policy.Maximum if words else QSizePolicy.Policy.Preferred
        policy.setHorizontalPolicy(wide)
        self._metrics.setSizePolicy(policy)
        self._metrics.setMaximumWidth(_UNBOUND if words else _WIDEST)

    def _put(self, row: int, column: int, text: str, *, rank: str = "", tip: str = "") -> None:
        label = QLabel(text, self._metrics)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(figures(self.font()))
        label.setToolTip(tip)
        set_rank(label, rank)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(label, row, column, side)


class ClassChangeChart(QWidget):
    """One line for each class: code, judged cells, bar, figures before and after.

    Args:
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: Sequence[ClassChange] = ()
        self.setFont(figures(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_rows(())

    @property
    def rows(self) -> Sequence[ClassChange]:
        """What is shown."""
        return self._rows

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.update()

    def show_rows(self, rows: Sequence[ClassChange]) -> None:
        """Show classes, from top to bottom."""
        self._rows = tuple(rows)
        self.setFixedHeight(_ROW * (len(rows) + 1) if rows else 0)
        spoken = ". ".join(class_change_in_words(row) for row in rows)
        self.setAccessibleName(f"F1 of each class before and after. {spoken}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the panel allows."""
        return QSize(240, self.height())

    def event(self, event: QEvent) -> bool:
        """Say in words what a line shows."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = event.pos().y() // _ROW - 1
            if 0 <= row < len(self._rows):
                QToolTip.showText(event.globalPos(), class_change_in_words(self._rows[row]), self)
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint head and lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self._columns()
        painter.setPen(QColor(self._theme.text2))
        for column, text in zip(columns, ("Class", "Cells", "F1", "before → after"), strict=True):
            self._text(painter, column, 0, text, right=text in {"Cells", "before → after"})
        for number, row in enumerate(self._rows, start=1):
            self._line(painter, columns, number, row)
        painter.end()

    def _line(
        self, painter: QPainter, columns: Sequence[tuple[int, int]], number: int, row: ClassChange
    ) -> None:
        code, count, bar, figure = columns
        painter.setPen(QColor(self._theme.text if row.counts else self._theme.text2))
        self._text(painter, code, number, row.cell_class.code)
        self._text(painter, figure, number, class_change_figures(row), right=True)
        painter.setPen(QColor(self._theme.text2))
        self._text(painter, count, number, f"{row.n:,}", right=True)
        left, width = bar
        top = number * _ROW + (_ROW - _BAR) / 2
        painter.fillRect(QRectF(left, top, width, _BAR), QColor(self._theme.raised))
        theme = self._theme
        fill = theme.class_colour(row.cell_class) if row.counts else theme.border
        painter.fillRect(QRectF(left, top + 2, width * row.after, _BAR - 4), QColor(fill))
        painter.setPen(QPen(QColor(theme.text if row.counts else theme.border), 1))
        painter.drawRect(QRectF(left + 0.5, top + 0.5, max(1.0, width * row.before - 1), _BAR - 1))

    def _text(
        self,
        painter: QPainter,
        column: tuple[int, int],
        number: int,
        text: str,
        *,
        right: bool = False,
    ) -> None:
        place = QRect(QPoint(column[0], number * _ROW), QSize(column[1], _ROW))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _columns(self) -> tuple[tuple[int, int], ...]:
        """Return left edge and width of code, cells, bar and figures."""
        wide = self.fontMetrics().horizontalAdvance
        code, count, figure = wide(_CODE), wide(_N) + TIGHT, wide(_FIGURE)
        start = code + count + SMALL
        bar = max(20, self.width() - start - figure - SMALL)
        return (0, code), (code, count), (start, bar), (self.width() - figure, figure)


def class_change_figures(row: ClassChange) -> str:
    """Return the figures of a line, with the way they went where that means something."""
    if not row.counts:
        return f"({row.before:.2f} → {row.after:.2f})"
    up = row.after - row.before
    way = "=" if abs(up) < _SAME else ("▲" if up > 0 else "▼")
    return f"{row.before:.2f} → {row.after:.2f} {way}"


def class_change_in_words(row: ClassChange) -> str:
    """Return a line in words."""
    few = "" if row.counts else f"; {TOO_FEW}"
    return (
        f"{row.cell_class.name}, {row.n:,} judged: F1 {row.before:.2f} before, "
        f"{row.after:.2f} after{few}"
    )
