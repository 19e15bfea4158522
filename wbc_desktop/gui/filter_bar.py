"""The strip above the gallery: which cells are shown, and how many of all."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSpinBox,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from wbc_desktop.domain.arrangement import Filter
from wbc_desktop.domain.cell_index import NO_CLASS
from wbc_desktop.domain.review import Status
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.gui.icons import Icons
from wbc_desktop.gui.theme import MEDIUM, SMALL, TIGHT, figures

_HUMAN = frozenset(Status) - {Status.UNREVIEWED}
REVIEW_CHOICES: tuple[tuple[str, frozenset[Status] | None], ...] = (
    ("Reviewed or not", None),
    ("Not reviewed", frozenset({Status.UNREVIEWED})),
    ("Reviewed", _HUMAN),
    ("Accepted", frozenset({Status.ACCEPTED})),
    ("Corrected", frozenset({Status.CORRECTED})),
    ("Unidentified", frozenset({Status.UNDECIDED})),
    ("Artefact", frozenset({Status.EXCLUDED})),
)


class FilterBar(QWidget):
    """Filters by class, confidence, review state, flag and how unusual a cell is.

    Signals:
        filter_changed: A ``Filter``; its patients and slides are not set here.
    """

    filter_changed = Signal(object)

    def __init__(self, taxonomy: Taxonomy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taxonomy = taxonomy
        self._classes = self._menu_button("Class")
        self._class_actions = self._fill_classes()
        self._confidence = self._menu_button("Confidence")
        self._low, self._high = self._fill_confidence()
        self._review = QComboBox(self)
        self._review.addItems([text for text, _ in REVIEW_CHOICES])
        self._review.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._review.setAccessibleName("Review state")
        self._review.setToolTip("Show cells by review state")
        self._flagged = QToolButton(self)
        self._flagged.setText("Flagged")
        self._flagged.setCheckable(True)
        self._flagged.setToolTip("Show flagged cells only")
        self._unusual = QToolButton(self)
        self._unusual.setText("Unusual")
        self._unusual.setCheckable(True)
        self._unusual.setToolTip("Show cells unlike the training cells only")
        self._clear = QToolButton(self)
        self._clear.setText("Show all")
        self._clear.setToolTip("Remove every filter (Ctrl+Shift+F)")
        self._shown = QLabel(self)
        self._shown.setFont(figures(self.font()))
        self._counts = ""
        self._row = QHBoxLayout(self)
        self._toggles = (self._flagged, self._unusual, self._clear)
        self._lay_out()
        self._connect()
        self._reflect()

    def filter(self) -> Filter:
        """Return what the controls ask for, without patients and slides."""
        classes = frozenset(o for o, action in self._class_actions.items() if action.isChecked())
        low, high = self._low.value(), self._high.value()
        return Filter(
            classes=classes or None,
            min_conf=low / 100 if low > 0 else None,
            max_conf=high / 100 if high < 100 else None,
            statuses=REVIEW_CHOICES[self._review.currentIndex()][1],
            flagged=True if self._flagged.isChecked() else None,
            unusual=True if self._unusual.isChecked() else None,
        )

    def clear(self) -> None:
        """Ask for every cell."""
        controls = (self._low, self._high, self._review, self._flagged, self._unusual)
        blockers = [QSignalBlocker(c) for c in (*controls, *self._class_actions.values())]
        for action in self._class_actions.values():
            action.setChecked(False)
        self._low.setValue(0)
        self._high.setValue(100)
        self._review.setCurrentIndex(0)
        self._flagged.setChecked(False)
        self._unusual.setChecked(False)
        del blockers
        self._changed()

    @property
    def shown_text(self) -> str:
        """How many cells are shown, in words."""
        return self._counts

    def show_flagged_only(self) -> None:
        """Ask for flagged cells, as the button does."""
        self._flagged.setChecked(True)

    def show_unusual_only(self) -> None:
        """Ask for unusual cells, as the button does."""
        self._unusual.setChecked(True)

    def show_review_state(self, text: str) -> None:
        """Ask for a review state by its text in the box."""
        self._review.setCurrentText(text)

    def show_counts(self, shown: int, total: int) -> None:
        """Write how many cells of the workspace are shown."""
        self._counts = f"{shown:,} of {total:,} shown" if total else ""
        self._fit()

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._flagged.setIcon(icons["flag"])
        self._unusual.setIcon(icons["unusual"])
        self._clear.setIcon(icons["clear"])
        for button in (self._classes, self._confidence):
            button.setIcon(icons["filter"])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Spare words in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Drop words that icons say too where there is no room; a cut number is a wrong one."""
        self._write(short=False)
        if self._row.sizeHint().width() > self.width():
            self._write(short=True)

    def _write(self, *, short: bool) -> None:
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonIconOnly if short else styles.ToolButtonTextBesideIcon
        for button in self._toggles:
            button.setToolButtonStyle(style)
        self._shown.setText(self._counts.removesuffix(" shown") if short else self._counts)

    def _menu_button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setMenu(_StayingMenu(button))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("opens", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _fill_classes(self) -> dict[int, QAction]:
        self._classes.setToolTip("Show some classes only")
        menu = self._classes.menu()
        found: dict[int, QAction] = {}
        rows = [
            (self._taxonomy.ordinals[c.id], f"{c.code}  {c.name}") for c in self._taxonomy.classes
        ]
        for ordinal, text in [*rows, (NO_CLASS, "–  Not classified yet")]:
            action = QAction(text, menu)
            action.setCheckable(True)
            action.toggled.connect(self._changed)
            menu.addAction(action)
            found[ordinal] = action
        return found

    def _fill_confidence(self) -> tuple[QSpinBox, QSpinBox]:
        self._confidence.setToolTip("Show a range of the model's confidence")
        panel = QWidget(self)
        row = QHBoxLayout(panel)
        row.setContentsMargins(MEDIUM, SMALL, MEDIUM, SMALL)
        boxes = []
        for word, value in (("From", 0), ("to", 100)):
            row.addWidget(QLabel(word, panel))
            box = QSpinBox(panel)
            box.setRange(0, 100)
            box.setSuffix(" %")
            box.setValue(value)
            box.setSingleStep(5)
            box.setKeyboardTracking(False)
            box.setAccessibleName(f"Confidence {word.lower()}")
            box.valueChanged.connect(self._changed)
            row.addWidget(box)
            boxes.append(box)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(panel)
        self._confidence.menu().addAction(holder)
        return boxes[0], boxes[1]

    def _lay_out(self) -> None:
        row = self._row
        row.setContentsMargins(SMALL, TIGHT, MEDIUM, TIGHT)
        row.setSpacing(TIGHT)
        for button in (self._classes, self._confidence, *self._toggles):
            button.setProperty("flat", True)
        for widget in (self._classes, self._confidence, self._review, *self._toggles):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._shown)

    def _connect(self) -> None:
        self._review.currentIndexChanged.connect(self._changed)
        self._flagged.toggled.connect(self._changed)
        self._unusual.toggled.connect(self._changed)
        self._clear.clicked.connect(self.clear)

    def _changed(self) -> None:
        self._reflect()
        self.filter_changed.emit(self.filter())

    def _reflect(self) -> None:
        """Say on the buttons what they ask for."""
        wanted = self.filter()
        n = len(wanted.classes or ())
        if n == 1:
            ordinal = next(iter(wanted.classes or ()))
            code = "none" if ordinal == NO_CLASS else self._taxonomy.classes[ordinal].code
            self._classes.setText(f"Class: {code}")
        else:
            self._classes.setText(f"Class: {n}" if n else "Class")
        bounded = wanted.min_conf is not None or wanted.max_conf is not None
        span = f": {self._low.value()}–{self._high.value()} %" if bounded else ""
        self._confidence.setText(f"Confidence{span}")
        # Kept in place while there is nothing to clear, so that the strip does not shift.
        self._clear.setEnabled(wanted != Filter())
        self._fit()


class _StayingMenu(QMenu):
    """Stays open while classes are ticked, so that several take one visit."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        action = self.actionAt(event.position().toPoint())
        if action in self.actions() and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)
