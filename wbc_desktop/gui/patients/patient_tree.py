"""Left panel: patients and slides with their counts and how far the review has come."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.cells.patients import Patient
from wbc_desktop.gui.gallery.cell_browser import SlideProgress
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import LARGE, MEDIUM, SMALL, TIGHT, figures

_KIND, _ROW_ID = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_FACTS = Qt.ItemDataRole.UserRole + 2  # what the tool tip says besides an alarm
_ALL, _PATIENT, _SLIDE = "all", "patient", "slide"
_DOTS = 4
_NO_CELLS, _OPENING = "Nothing imported yet", "Opening …"
_HINT = "Patients and their slides stand here once cells are imported."
_OPENED = 10  # up to so many patients, a new one shows its slides at once


def dots(tally: SlideProgress) -> str:
    """Return review progress as four dots: a filled one for each quarter that is done."""
    filled = _DOTS * tally.n_reviewed // tally.n_cells if tally.n_cells else 0
    return "●" * filled + "○" * (_DOTS - filled)


class PlaceholderTree(QTreeWidget):
    """Paints a hint in its middle while it has at most so many rows.

    Attributes:
        hint: What it says.
        rows: Rows on top that do not count, such as one for everything.

    Args:
        hint: As above.
        rows: As above.
        parent: Owner.
    """

    def __init__(self, hint: str, *, rows: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint, self.rows = hint, rows

    @property
    def shown_hint(self) -> str:
        """The hint, if it is shown now; else the empty string."""
        return self.hint if self.topLevelItemCount() <= self.rows else ""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rows, or the hint below what stands there."""
        super().paintEvent(event)
        if not self.shown_hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().placeholderText().color())
        room = self.viewport().rect().adjusted(LARGE, LARGE, -LARGE, -LARGE)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
        painter.end()


class PatientTree(QWidget):
    """Patients and slides; choosing some shows only their cells.

    Signals:
        chosen: Row ids of patients and of slides as two frozensets, or None and None for all.
    """

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alarms: Mapping[int, str] = {}
        self._icons: Icons | None = None
        self._tree = PlaceholderTree(_HINT, rows=1, parent=self)
        self._tree.setAccessibleName("Patients and slides")
        self._tree.setHeaderHidden(True)
        self._tree.setColumnCount(3)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._tree.setFont(figures(self.font()))
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._line = QLabel(_NO_CELLS, self)
        self._line.setFont(figures(self.font()))
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(SMALL)
        self._bar.setAccessibleName("Cells reviewed")
        foot = QVBoxLayout()
        foot.setContentsMargins(MEDIUM, SMALL, MEDIUM, MEDIUM)
        foot.setSpacing(TIGHT)
        foot.addWidget(self._line)
        foot.addWidget(self._bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tree, 1)
        layout.addLayout(foot)
        self.setFocusProxy(self._tree)
        self._tree.itemSelectionChanged.connect(self._tell)

    def show_patients(self, patients: Sequence[Patient], *, icons: Icons) -> None:
        """Fill the tree and keep what was chosen where it still exists."""
        kept = {self._key(item) for item in self._tree.selectedItems()}
        open_ids = {
            self._key(item) for item in self._items() if item.childCount() and item.isExpanded()
        }
        known = {self._key(item) for item in self._items()}
        self._tree.blockSignals(True)
        self._tree.clear()
        everything = self._item(self._tree, _ALL, 0, "All patients")
        for patient in patients:
            top = self._item(self._tree, _PATIENT, patient.id, patient.code)
            top.setData(0, _FACTS, f"{patient.code}, site {patient.site or 'not named'}")
            for slide in patient.slides:
                child = self._item(top, _SLIDE, slide.id, slide.code)
                scale = f"{slide.um_per_px:.4g} µm/px" if slide.um_per_px else "scale not known"
                child.setData(0, _FACTS, f"{slide.code}, {scale}")
            new = (_PATIENT, patient.id) not in known and len(patients) <= _OPENED
            top.setExpanded(new or (_PATIENT, patient.id) in open_ids)
        self.repaint_icons(icons)
        chosen = [item for item in self._items() if self._key(item) in kept] or [everything]
        for item in chosen:
            item.setSelected(True)
        self._tree.setCurrentItem(chosen[0], 0, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._tree.blockSignals(False)
        self._tell()

    def show_progress(self, tallies: Mapping[int, SlideProgress]) -> None:
        """Write counts and progress beside every patient and slide.

        Args:
            tallies: By row id of the slide.
        """
        total = SlideProgress(
            sum(t.n_cells for t in tallies.values()), sum(t.n_reviewed for t in tallies.values())
        )
        for item in self._items():
            kind, row_id = self._key(item)
            if kind == _ALL:
                self._write(item, total)
            elif kind == _SLIDE:
                self._write(item, tallies.get(row_id, SlideProgress(0, 0)))
            else:
                slides = [self._key(child)[1] for child in _children(item)]
                parts = [tallies[slide] for slide in slides if slide in tallies]
                self._write(
                    item,
                    SlideProgress(sum(t.n_cells for t in parts), sum(t.n_reviewed for t in parts)),
                )
        self._line.setText(
            f"{total.n_reviewed:,} of {total.n_cells:,} reviewed" if total.n_cells else _NO_CELLS
        )
        self._bar.setUpdatesEnabled(False)  # else Qt paints it at once, in the middle of the act
        self._bar.setMaximum(max(total.n_cells, 1))
        self._bar.setValue(total.n_reviewed)
        self._bar.setUpdatesEnabled(True)

    def show_opening(self, opening: bool) -> None:
        """Say that a workspace is being opened, until its cells are counted or it cannot be."""
        if opening:
            self._line.setText(_OPENING)
        elif self._line.text() == _OPENING:
            self._line.setText(_NO_CELLS)

    @property
    def hint(self) -> str:
        """What stands in the list while there is no patient; else the empty string."""
        return self._tree.shown_hint

    def lines(self) -> list[tuple[str, str, str]]:
        """Return name, progress and count of every row, from the top."""
        return [(item.text(0), item.text(1), item.text(2)) for item in self._items()]

    def tips(self) -> list[tuple[str, str]]:
        """Return name and tool tip of every row, from the top."""
        return [(item.text(0), item.toolTip(0)) for item in self._items()]

    def repaint_icons(self, icons: Icons) -> None:
        """Take the icons of another theme."""
        self._icons = icons
        self.mark(self._alarms)

    def mark(self, alarms: Mapping[int, str]) -> None:
        """Mark slides that are unlike the training sites, and their patients.

        Args:
            alarms: What differs, by row id of the slide.
        """
        self._alarms = alarms
        if self._icons is None:
            return
        for item in self._items():
            kind = self._key(item)[0]
            if kind == _ALL:
                continue
            told = self._alarm_of(item)
            plain = "patient" if kind == _PATIENT else "slide"
            item.setIcon(0, self._icons["warning" if told else plain])
            facts = str(item.data(0, _FACTS))
            item.setToolTip(0, f"{facts}\nUnlike the training sites: {told}" if told else facts)
            self._speak(item)

    def show_chosen(self, patients: frozenset[int] | None, slides: frozenset[int] | None) -> None:
        """Show patients and slides as chosen, without telling; None for both shows all."""
        wanted = {(_PATIENT, row_id) for row_id in patients or ()}
        wanted |= {(_SLIDE, row_id) for row_id in slides or ()}
        if patients is None and slides is None:
            wanted = {(_ALL, 0)}
        chosen = [item for item in self._items() if self._key(item) in wanted]
        self._tree.blockSignals(True)
        self._tree.clearSelection()
        for item in chosen:
            item.setSelected(True)
        if chosen:
            self._tree.setCurrentItem(chosen[0], 0, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._tree.scrollToItem(chosen[0])
        self._tree.blockSignals(False)

    def chosen_patients_and_slides(self) -> tuple[frozenset[int] | None, frozenset[int] | None]:
        """Return row ids of the chosen patients and slides; None and None for all."""
        keys = [self._key(item) for item in self._tree.selectedItems()]
        if not keys or any(kind == _ALL for kind, _ in keys):
            return None, None
        patients = frozenset(row_id for kind, row_id in keys if kind == _PATIENT)
        slides = frozenset(row_id for kind, row_id in keys if kind == _SLIDE)
        return patients, slides

    def _tell(self) -> None:
        self.chosen.emit(*self.chosen_patients_and_slides())

    def _item(
        self, parent: QTreeWidget | QTreeWidgetItem, kind: str, row_id: int, text: str
    ) -> QTreeWidgetItem:
        # The constructor takes either parent, but its stub wants to know which.
        item = QTreeWidgetItem([text])
        if isinstance(parent, QTreeWidget):
            parent.addTopLevelItem(item)
        else:
            parent.addChild(item)
        item.setData(0, _KIND, kind)
        item.setData(0, _ROW_ID, row_id)
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        for i in range(self._tree.topLevelItemCount()):
            top = self._tree.topLevelItem(i)
            if top is not None:
                found += [top, *_children(top)]
        return found

    @staticmethod
    def _key(item: QTreeWidgetItem) -> tuple[str, int]:
        return str(item.data(0, _KIND)), int(item.data(0, _ROW_ID))

    def _alarm_of(self, item: QTreeWidgetItem) -> str:
        """Return what is unusual about a slide, or about one of a patient's; else nothing."""
        kind, row_id = self._key(item)
        slides = [row_id] if kind == _SLIDE else [self._key(child)[1] for child in _children(item)]
        return next((self._alarms[slide] for slide in slides if slide in self._alarms), "")

    def _speak(self, item: QTreeWidgetItem) -> None:
        """Tell a screen reader what is seen of a row."""
        alarm = ", unlike the training sites" if self._alarm_of(item) else ""
        words = f"{item.text(0)}, {item.toolTip(1)}{alarm}"
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, words)

    def _write(self, item: QTreeWidgetItem, tally: SlideProgress) -> None:
        item.setText(1, dots(tally))
        item.setText(2, f"{tally.n_cells:,}")
        reviewed = f"{tally.n_reviewed:,} of {tally.n_cells:,} reviewed"
        item.setToolTip(1, reviewed)
        item.setToolTip(2, reviewed)
        self._speak(item)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children = (item.child(i) for i in range(item.childCount()))
    return [child for child in children if child is not None]
