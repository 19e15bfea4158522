"""Right panel: the current cell, large, with what the model and people have said of it."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from wbc_desktop.domain.taxonomy.attributes import Vocabulary, built_in
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.inspector import cell_texts
from wbc_desktop.gui.inspector.crop_panel import CropPanel
from wbc_desktop.gui.inspector.crop_view import CropView
from wbc_desktop.gui.inspector.nearest_row import NearestRow
from wbc_desktop.gui.inspector.probability_bars import Bar, ProbabilityBars
from wbc_desktop.gui.widgets.collapsible_section import CollapsibleSection
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.prediction_text import CONFIDENCE_MEANING, OOD_MEANING, SET_MEANING
from wbc_desktop.gui.widgets.theme import (
    MEDIUM,
    SMALL,
    TIGHT,
    Theme,
    figures,
    section_head,
    set_rank,
)
from wbc_desktop.store.records import CellRecord

EMPTY_HINT = (
    "Choose a cell in the gallery to see it large, with the model's probabilities and its history."
)
_MAX_NOTE = 2000  # characters
_DISPLAY = "display"  # the sliders below the crop, among the names of the sections


class CellInspector(QWidget):
    """Shows one cell; its note can be edited here.

    Signals:
        note_written: The reader finished a note; the cell id and its text.
        left: The reader is done here; the gallery should have the keys.
        nearest_unfolded: The neighbours of the present cell are wanted now.
    """

    note_written = Signal(object, str)
    left = Signal()
    nearest_unfolded = Signal()

    def __init__(self, taxonomy: Taxonomy, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taxonomy = taxonomy
        self._theme = theme
        self._record: CellRecord | None = None
        self._rendered_only: frozenset[str] = frozenset()
        self._vocabulary = built_in()
        self.panel = CropPanel(self)
        self.panel.left.connect(self.left)
        self.panel.room_asked.connect(self._give_room)
        self._split = QSplitter(Qt.Orientation.Vertical, self)
        self.nearest = NearestRow(theme, self)
        self._label = self._line()
        self._model = self._line()
        self._model.setToolTip(CONFIDENCE_MEANING)
        self._trust = self._line()
        self._trust.setToolTip(f"{SET_MEANING}\n{OOD_MEANING}")
        self._facts = {name: self._line() for name in cell_texts.FACTS}
        self.note = NoteField(self)
        self.note.written.connect(self.note_written)
        self.note.left.connect(self.left)
        self._history = self._line()
        self._bars = ProbabilityBars(theme, self)
        self._bars.setToolTip(CONFIDENCE_MEANING)
        self._folds = {
            "probabilities": CollapsibleSection("Probabilities", self._bars, self),
            "nearest": CollapsibleSection("Nearest labelled cells", self.nearest, self),
            "history": CollapsibleSection("History", self._history, self),
            "about": CollapsibleSection("About this cell", self._facts_body(), self),
        }
        self._folds["nearest"].toggled.connect(self._tell_nearest)
        self._lay_out()
        self.show_cell(None)

    def show_cell(self, record: CellRecord | None) -> None:
        """Show what is known of a cell; its crop and its history come later.

        Args:
            record: The cell, or None to show an empty panel.
        """
        if record is None or self._record is None or record.id != self._record.id:
            self.panel.show_crop(QImage())
            self.nearest.show_hint("")
            self._history.setText("…")
        self._record = record
        self.note.show_note(record.id if record else None, record.note if record else "")
        for name in ("nearest", "history", "about"):
            self._folds[name].setVisible(record is not None)
        self._show_bars()
        if record is None:
            self._label.setText("No cell chosen")
            self._model.setText(EMPTY_HINT)
            self._trust.hide()
            return
        self._label.setText(cell_texts.label_text(record, self._taxonomy))
        self._model.setText(cell_texts.model_text(record, self._taxonomy, self._vocabulary))
        self._show_trust(record)
        for name, text in cell_texts.facts(record).items():
            self._facts[name].setText(text)
            self._facts[name].setToolTip(text)

    def show_history(self, history: Sequence[str]) -> None:
        """Show what was done to the cell, in sentences, newest first."""
        self._history.setText("\n".join(history) or "Nothing yet.")

    @property
    def crop(self) -> CropView:
        """The large crop."""
        return self.panel.view

    @property
    def nearest_open(self) -> bool:
        """True while neighbours are shown."""
        return self._folds["nearest"].open

    @property
    def label_text(self) -> str:
        """The label that counts, as the reader sees it."""
        return self._label.text()

    @property
    def model_text(self) -> str:
        """What model and reader have said."""
        return self._model.text()

    @property
    def trust_text(self) -> str:
        """Prediction set, how unusual the cell is, and what the class rests on."""
        return self._trust.text()

    @property
    def history_text(self) -> str:
        """The history in sentences, newest first."""
        return self._history.text()

    @property
    def open_sections(self) -> tuple[str, ...]:
        """Names of the sections that are not folded away, for the settings."""
        unfolded = [name for name, fold in self._folds.items() if fold.open]
        return (*unfolded, *([_DISPLAY] if self.panel.sliders_open else []))

    def set_open_sections(self, names: Iterable[str]) -> None:
        """Open just these sections; a name that is none is left out."""
        wanted = frozenset(names)
        for name, fold in self._folds.items():
            fold.set_open(name in wanted)
        self.panel.set_sliders_open(_DISPLAY in wanted)

    def edit_note(self) -> None:
        """Give the keyboard to the note."""
        self.note.edit()

    def set_rendered_only(self, classes: frozenset[str]) -> None:
        """Say of these classes that the model knows them from rendered cells only."""
        self._rendered_only = classes

    def set_taxonomy(self, taxonomy: Taxonomy) -> None:
        """Name classes as another taxonomy does, from the next cell on."""
        self._taxonomy = taxonomy
        self.show_cell(None)

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Name attributes as the workspace does, from the next cell on."""
        self._vocabulary = vocabulary

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        self.nearest.set_theme(theme)
        self._bars.set_theme(theme)

    def _show_bars(self) -> None:
        probs = None if self._record is None else self._record.probs
        self._folds["probabilities"].setVisible(probs is not None)
        if probs is None:
            return
        leaves = [self._taxonomy.by_id[class_id] for class_id in self._taxonomy.leaves]
        self._bars.show_bars([Bar(c, float(p)) for c, p in zip(leaves, probs, strict=True)])

    def _give_room(self, more: int) -> None:
        crop, facts = self._split.sizes()
        self._split.setSizes([max(crop + more, 1), max(facts - more, 1)])

    def _tell_nearest(self, open_: bool) -> None:
        if open_:
            self.nearest_unfolded.emit()

    def _show_trust(self, record: CellRecord) -> None:
        text, warning = cell_texts.trust_text(
            record, self._taxonomy, rendered_only=self._rendered_only
        )
        self._trust.setText(text)
        set_rank(self._trust, "warning" if warning else "second")
        self._trust.setVisible(bool(text))

    def _line(self) -> QLabel:
        label = WrappedLabel(self)  # a long name must not push the bars out of sight
        label.setFont(figures(self.font()))
        return label

    def _facts_body(self) -> QWidget:
        body = QWidget(self)
        form = QFormLayout(body)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(TIGHT)
        for name, line in self._facts.items():
            title = QLabel(name, self)
            set_rank(title, "second")
            form.addRow(title, line)
        return body

    def _lay_out(self) -> None:
        self._label.setFont(section_head(self.font()))
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(MEDIUM, SMALL, MEDIUM, MEDIUM)
        column.setSpacing(SMALL)
        column.addWidget(self._label)
        column.addWidget(self._model)
        column.addWidget(self._trust)
        column.addWidget(self._folds["probabilities"])
        column.addWidget(self.note)
        column.addWidget(self._folds["nearest"])
        column.addWidget(self._folds["history"])
        column.addWidget(self._folds["about"])
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        split = self._split
        split.setHandleWidth(1)
        split.addWidget(self.panel)
        split.addWidget(scroll)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setSizes([280, 350])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)


class NoteField(QLineEdit):
    """Edits the note of one cell; a note half typed is never lost when another cell comes.

    Signals:
        written: The reader finished a note; the cell id and its text.
        left: The reader is done here; the gallery should have the keys.
    """

    written = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell_id: int | None = None
        self._stored = ""
        self.setPlaceholderText("Note on this cell (N)")
        self.setAccessibleName("Note on this cell")
        self.setMaxLength(_MAX_NOTE)
        self.editingFinished.connect(self._finish)
        self.installEventFilter(self)
        self.show_note(None, "")

    def show_note(self, cell_id: int | None, text: str) -> None:
        """Show the note of a cell; what is typed just now for the same cell stays.

        Args:
            cell_id: Row id of the cell, or None to hide the field.
            text: Its note.
        """
        another = cell_id is None or cell_id != self._cell_id
        if another:
            self._write_unfinished()
        self._cell_id, self._stored = cell_id, text
        self.setEnabled(cell_id is not None)
        self.setVisible(cell_id is not None)
        if another or not self.isModified():
            self.setText(text)

    def edit(self) -> None:
        """Take the keyboard."""
        if self.isEnabled():
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Escape leaves the note as it was; Enter and Escape go back to the gallery."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key is Qt.Key.Key_Escape and self._cell_id is not None:
                self.setText(self._stored)
            if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                # Later: the field must first handle the key itself.
                QTimer.singleShot(0, self.left.emit)
                return key is Qt.Key.Key_Escape
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        text = self.text().strip()
        if self._cell_id is not None and text != self._stored:
            self.written.emit(self._cell_id, text)
        self.setModified(False)

    def _write_unfinished(self) -> None:
        """Write a note that was being typed when another cell came."""
        if self._cell_id is None or not self.isModified():
            return
        cell_id, text = self._cell_id, self.text().strip()
        if text != self._stored:
            # Later: the change that brought the other cell must be over first.
            QTimer.singleShot(0, self, lambda: self.written.emit(cell_id, text))
