"""The upper row of the filter: buttons and boxes for what is asked most often."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
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

from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.choice_keys import HUMAN, STATUS_TEXTS
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT

_REVIEW_LEAST = 90  # px
REVIEW_CHOICES: tuple[tuple[str, frozenset[Status] | None], ...] = (
    ("Reviewed or not", None),
    (STATUS_TEXTS[Status.UNREVIEWED], frozenset({Status.UNREVIEWED})),
    ("Reviewed", HUMAN),
    *((STATUS_TEXTS[status], frozenset({status})) for status in Status if status in HUMAN),
)


class FilterToggle(NamedTuple):
    """One entry of the menu of further conditions.

    Attributes:
        text: What it says.
        fields: The fields of ``Filter`` that it sets.
        asked: Their values.
    """

    text: str
    fields: tuple[str, ...]
    asked: Filter


EXTRAS = (
    FilterToggle("With a note", ("noted",), Filter(noted=True)),
    FilterToggle("Label differs from the model's", ("disagrees",), Filter(disagrees=True)),
    FilterToggle("Could be several classes", ("min_set", "max_set"), Filter(min_set=2)),
    FilterToggle("Two classes nearly alike", ("min_margin", "max_margin"), Filter(max_margin=0.1)),
)


class FilterControls(QWidget):
    """Filters by class, confidence, review state, flag, how unusual a cell is, and more.

    Signals:
        changed: A ``Filter``: what was shown before, with what the reader asked for.
    """

    changed = Signal(object)

    def __init__(self, taxonomy: Taxonomy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted = Filter()
        self._taxonomy = taxonomy
        self._classes = self._menu_button("Class", "Show some classes only")
        self._class_actions = self._fill_classes()
        self._confidence = self._menu_button("Confidence", "Show a range of the model's confidence")
        self._low, self._high = self._fill_confidence()
        self._review = self._review_box()
        self._flagged = self._toggle("Flagged", "Show flagged cells only")
        self._unusual = self._toggle("Unusual", "Show cells unlike the training cells only")
        self._more = self._menu_button("More", "Further conditions")
        self._extras = self._fill_extras()
        self._readers = QMenu("Reviewed by", self._more)
        self._more.menu().addMenu(self._readers)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(TIGHT)
        shown = (self._classes, self._confidence, self._review, self._flagged, self._unusual)
        for widget in (*shown, self._more):
            self._row.addWidget(widget)
        self._connect()

    def show_filter(self, wanted: Filter, names: FilterNames) -> None:
        """Show what is asked, without asking for it."""
        self._wanted = wanted
        boxes = (self._low, self._high, self._review, self._flagged, self._unusual)
        blockers = [QSignalBlocker(each) for each in boxes]
        for ordinal, action in self._class_actions.items():
            _tick(action, ordinal in (wanted.classes or ()))
        self._low.setValue(round(100 * (wanted.min_conf or 0.0)))
        self._high.setValue(100 if wanted.max_conf is None else round(100 * wanted.max_conf))
        states = [asked for _, asked in REVIEW_CHOICES]
        self._review.setCurrentIndex(
            states.index(wanted.statuses) if wanted.statuses in states else -1
        )
        self._flagged.setChecked(wanted.flagged is True)
        self._unusual.setChecked(wanted.unusual is True)
        del blockers
        for extra, action in zip(EXTRAS, self._extras, strict=True):
            _tick(action, _same(wanted, extra.asked, extra.fields))
        self._fill_readers(names)

    def set_short(self, short: bool, *, shortest: bool = False) -> None:
        """Spare words that icons say too.

        Args:
            short: Show icons only where there are some.
            shortest: Shorten words as well.
        """
        styles = Qt.ToolButtonStyle
        style = styles.ToolButtonIconOnly if short else styles.ToolButtonTextBesideIcon
        for button in (self._flagged, self._unusual, self._more):
            button.setToolButtonStyle(style)
        self._confidence.setText("Conf." if shortest else "Confidence")

    @property
    def review_box(self) -> QComboBox:
        """Asks for a review state."""
        return self._review

    @property
    def flagged_button(self) -> QToolButton:
        """Asks for flagged cells."""
        return self._flagged

    @property
    def unusual_button(self) -> QToolButton:
        """Asks for unusual cells."""
        return self._unusual

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._flagged.setIcon(icons["flag"])
        self._unusual.setIcon(icons["unusual"])
        self._more.setIcon(icons["filter"])

    def _menu_button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setMenu(_StayingMenu(button))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("opens", True)
        button.setProperty("flat", True)
        return button

    def _toggle(self, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setProperty("flat", True)
        return button

    def _review_box(self) -> QComboBox:
        box = QComboBox(self)
        box.addItems([text for text, _ in REVIEW_CHOICES])
        box.setPlaceholderText("Several states")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setMinimumWidth(_REVIEW_LEAST)  # in the narrowest window it is the one to be cut
        box.setAccessibleName("Review state")
        box.setToolTip("Show cells by review state")
        return box

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Offer the classes of another taxonomy; none of them is ticked."""
        self._taxonomy = taxonomy
        self._classes.menu().clear()
        self._class_actions = self._fill_classes()

    def _fill_classes(self) -> dict[int, QAction]:
        menu = self._classes.menu()
        found: dict[int, QAction] = {}
        rows = [
            (self._taxonomy.ordinals[c.id], f"{c.code}  {c.name}")
            for c in self._taxonomy.classes
            if c.merged_into is None
        ]
        for ordinal, text in [*rows, (NO_CLASS, "–  Not classified yet")]:
            found[ordinal] = _checkable(menu, text)
            found[ordinal].toggled.connect(self._take_classes)
        return found

    def _fill_confidence(self) -> tuple[QSpinBox, QSpinBox]:
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
            row.addWidget(box)
            boxes.append(box)
        holder = QWidgetAction(self)
        holder.setDefaultWidget(panel)
        self._confidence.menu().addAction(holder)
        return boxes[0], boxes[1]

    def _fill_extras(self) -> list[QAction]:
        found = []
        for extra in EXTRAS:
            action = _checkable(self._more.menu(), extra.text)
            action.toggled.connect(lambda on, extra=extra: self._take_extra(extra, asked=on))
            found.append(action)
        return found

    def _fill_readers(self, names: FilterNames) -> None:
        self._readers.clear()
        self._readers.setEnabled(bool(names.readers))
        for name in sorted(names.readers, key=str.casefold):
            action = _checkable(self._readers, name.replace("&", "&&"))
            _tick(action, name in (self._wanted.readers or ()))
            action.toggled.connect(lambda on, name=name: self._take_reader(name, asked=on))

    def _connect(self) -> None:
        self._low.valueChanged.connect(self._take_confidence)
        self._high.valueChanged.connect(self._take_confidence)
        self._review.currentIndexChanged.connect(self._take_review)
        self._flagged.toggled.connect(lambda on: self._ask(flagged=True if on else None))
        self._unusual.toggled.connect(lambda on: self._ask(unusual=True if on else None))

    def _take_classes(self) -> None:
        ticked = frozenset(o for o, action in self._class_actions.items() if action.isChecked())
        self._ask(classes=ticked or None)

    def _take_confidence(self) -> None:
        """Take the bound that was moved as it is typed, and the other one as it was."""
        low, high = self._wanted.min_conf, self._wanted.max_conf
        if self.sender() is self._low:
            low = self._low.value() / 100 if self._low.value() > 0 else None
            high = low if low is not None and high is not None and low > high else high
        else:
            high = self._high.value() / 100 if self._high.value() < 100 else None
            low = high if low is not None and high is not None and low > high else low
        self._ask(min_conf=low, max_conf=high)

    def _take_review(self, position: int) -> None:
        if position >= 0:
            self._ask(statuses=REVIEW_CHOICES[position][1])

    def _take_extra(self, extra: FilterToggle, *, asked: bool) -> None:
        values = {f: getattr(extra.asked, f) if asked else None for f in extra.fields}
        self._ask(**values)

    def _take_reader(self, name: str, *, asked: bool) -> None:
        readers = self._wanted.readers or frozenset()
        self._ask(readers=(readers | {name} if asked else readers - {name}) or None)

    def _ask(self, **fields: object) -> None:
        self._wanted = replace(self._wanted, **fields)  # type: ignore[arg-type]  # by field
        self.changed.emit(self._wanted)


class _StayingMenu(QMenu):
    """Stays open while entries are ticked, so that several take one visit."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        action = self.actionAt(event.position().toPoint())
        if action in self.actions() and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


def _checkable(menu: QMenu, text: str) -> QAction:
    action = QAction(text, menu)
    action.setCheckable(True)
    menu.addAction(action)
    return action


def _tick(action: QAction, ticked: bool) -> None:
    blocker = QSignalBlocker(action)
    action.setChecked(ticked)
    del blocker


def _same(one: Filter, other: Filter, fields: Iterable[str]) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in fields)
