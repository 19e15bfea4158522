"""Right panel: the current cell, large, with what the model and people have said of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

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

from wbc_desktop.domain.prediction_set import NO_SET, leaves_in
from wbc_desktop.domain.review import Status
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.domain.wording import capitalised
from wbc_desktop.gui.confidence_text import CONFIDENCE_MEANING, confidence_words
from wbc_desktop.gui.crop_view import CropView
from wbc_desktop.gui.history_text import local_time
from wbc_desktop.gui.theme import MEDIUM, SMALL, TIGHT, Theme, figures, section_head, set_rank
from wbc_desktop.gui.trust_text import (
    OOD_MEANING,
    RENDERED_ONLY,
    SET_MEANING,
    UNLIKE,
    is_unusual,
    ood_words,
)
from wbc_desktop.store.records import CellRecord

if TYPE_CHECKING:
    from wbc_desktop.gui.probability_bars import ProbabilityBars

EMPTY_HINT = (
    "Choose a cell in the gallery to see it large, with the model's probabilities and its history."
)
STATUS_TEXTS = {
    Status.UNREVIEWED: "not reviewed",
    Status.ACCEPTED: "accepted",
    Status.CORRECTED: "corrected",
    Status.UNDECIDED: "unidentified",
    Status.EXCLUDED: "excluded as artefact",
}
_SCALE_TEXTS = {
    0: "from the slide",
    1: "estimated from the cell",
    2: "the estimate failed, whole crop used",
}


class CellInspector(QWidget):
    """Shows one cell; its note can be edited here.

    Signals:
        note_written: The reader finished a note; the cell id and its text.
        left: The reader is done here; the gallery should have the keys.
    """

    note_written = Signal(object, str)
    left = Signal()

    def __init__(self, taxonomy: Taxonomy, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taxonomy = taxonomy
        self._theme = theme
        self._record: CellRecord | None = None
        self._rendered_only: frozenset[str] = frozenset()
        self._bars: ProbabilityBars | None = None
        self.crop = CropView(self)
        self._label = self._line()
        self._model = self._line()
        self._model.setToolTip(CONFIDENCE_MEANING)
        self._trust = self._line()
        self._trust.setToolTip(f"{SET_MEANING}\n{OOD_MEANING}")
        self._facts = {name: self._line() for name in ("Cell", "Slide", "Source", "Scale", "File")}
        self.note = QLineEdit(self)
        self.note.setPlaceholderText("Note on this cell (N)")
        self.note.setAccessibleName("Note on this cell")
        self.note.setMaxLength(2000)
        self.note.editingFinished.connect(self._finish_note)
        self.note.installEventFilter(self)
        self._history = self._line()
        self._bars_place = QVBoxLayout()
        self._details = QWidget(self)
        self._lay_out()
        self.show_cell(None, history=())

    def show_cell(self, record: CellRecord | None, *, history: Sequence[str]) -> None:
        """Show what is known of a cell; its image comes by ``show_image``.

        Args:
            record: The cell, or None to show an empty panel.
            history: Sentences, newest first.
        """
        another = record is None or self._record is None or record.id != self._record.id
        if another:
            self._keep_typed_note()
            self.crop.set_image(QImage())
        self._record = record
        self.note.setEnabled(record is not None)
        self.note.setVisible(record is not None)
        self._details.setVisible(record is not None)
        if record is None:
            self._label.setText("No cell chosen")
            self._model.setText(EMPTY_HINT)
            self._trust.hide()
            self.note.setText("")
            self._show_bars()
            return
        self._label.setText(self._label_text(record))
        self._model.setText(self._model_text(record))
        self._show_trust(record)
        if another or not self.note.isModified():  # else a note is being typed just now
            self.note.setText(record.note)
        facts = {
            "Cell": f"{record.cell_id}{' ⚑ flagged' if record.flagged else ''}",
            "Slide": " · ".join(
                filter(None, (record.patient_code, record.slide_code, record.site))
            ),
            "Source": record.source_label or "no label",
            "Scale": self._scale_text(record),
            "File": record.image_path,
        }
        for name, text in facts.items():
            self._facts[name].setText(text)
            self._facts[name].setToolTip(text)
        self._history.setText("\n".join(history) or "Nothing yet.")
        self._show_bars()

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

    def show_image(self, image: QImage) -> None:
        """Show the crop of the present cell."""
        self.crop.set_image(image)

    def prepare(self) -> "ProbabilityBars":
        """Load the plotting library; to be called once the window has been painted.

        Returns:
            The bars, hidden until a classified cell is shown.
        """
        if self._bars is None:
            from wbc_desktop.gui.probability_bars import ProbabilityBars

            self._bars = ProbabilityBars(self._theme, self)
            self._bars.setToolTip(CONFIDENCE_MEANING)
            self._bars_place.addWidget(self._bars)
            self._bars.hide()
        return self._bars

    def edit_note(self) -> None:
        """Give the keyboard to the note."""
        if self.note.isEnabled():
            self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.note.selectAll()

    def set_rendered_only(self, classes: frozenset[str]) -> None:
        """Say of these classes that the model knows them from rendered cells only."""
        self._rendered_only = classes

    def set_theme(self, theme: Theme) -> None:
        """Repaint in another theme."""
        self._theme = theme
        if self._bars is not None:
            self._bars.set_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Escape leaves the note as it was; Enter and Escape go back to the gallery."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key is Qt.Key.Key_Escape and self._record is not None:
                self.note.setText(self._record.note)
            if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                # Later: the field must first handle the key itself.
                QTimer.singleShot(0, self.left.emit)
                return key is Qt.Key.Key_Escape
        return super().eventFilter(watched, event)

    def _finish_note(self) -> None:
        if self._record is not None and self.note.text().strip() != self._record.note:
            self.note_written.emit(self._record.id, self.note.text().strip())
        self.note.setModified(False)

    def _keep_typed_note(self) -> None:
        """Write a note that was being typed when another cell came."""
        if self._record is None or not self.note.isModified():
            return
        cell_id, text = self._record.id, self.note.text().strip()
        if text != self._record.note:
            # Later: the change that brought the other cell must be over first.
            QTimer.singleShot(0, self, lambda: self.note_written.emit(cell_id, text))

    def _show_bars(self) -> None:
        probs = None if self._record is None else self._record.probs
        if probs is None:
            if self._bars is not None:
                self._bars.hide()
            return
        from wbc_desktop.gui.probability_bars import Bar

        leaves = [self._taxonomy.by_id[class_id] for class_id in self._taxonomy.leaves]
        bars = self.prepare()
        bars.show_bars([Bar(c, float(p)) for c, p in zip(leaves, probs, strict=True)])
        bars.show()

    def _label_text(self, record: CellRecord) -> str:
        review = record.review
        label = review.label if review else record.predicted
        if label is None:
            return "Not classified yet"
        cell_class = self._taxonomy.by_id[label]
        return f"{'●' if review else '○'} {cell_class.code}  {cell_class.name}"

    def _model_text(self, record: CellRecord) -> str:
        lines = []
        if record.predicted is not None and record.pred_prob is not None:
            code = self._taxonomy.by_id[record.predicted].code
            lines.append(f"Model: {code} {confidence_words(record.pred_prob)} ({record.model_id})")
        else:
            lines.append("Model: not classified yet")
        if record.review is None:
            lines.append("Reader: not reviewed")
        else:
            review = record.review
            when = local_time(review.reviewed_at)
            lines.append(f"Reader: {STATUS_TEXTS[review.status]} by {review.reviewer}, {when}")
        return "\n".join(lines)

    def _show_trust(self, record: CellRecord) -> None:
        probs = None if record.probs is None else record.probs.tolist()
        leaves = leaves_in(record.pred_set or NO_SET, self._taxonomy, probs=probs)
        lines = []
        if leaves:
            codes = " · ".join(self._taxonomy.by_id[leaf].code for leaf in leaves)
            lines.append(f"Could be: {codes}{'' if len(leaves) > 1 else ' only'} (90 % set)")
        unusual = is_unusual(record.ood_score)
        if record.ood_score is not None:
            lines.append(f"{f'{UNLIKE}: ' if unusual else ''}{ood_words(record.ood_score)}")
        low = record.predicted in self._rendered_only
        if low:
            lines.append(f"This class was {RENDERED_ONLY}: trust the confidence less")
        self._trust.setText("\n".join(capitalised(line) for line in lines))
        set_rank(self._trust, "warning" if unusual or low else "second")
        self._trust.setVisible(bool(lines))

    @staticmethod
    def _scale_text(record: CellRecord) -> str:
        known = f"{record.um_per_px:.4g} µm/px" if record.um_per_px else "µm/px not known"
        if record.scale_source is None:
            return known
        return f"{known}, {_SCALE_TEXTS[record.scale_source]}"

    def _line(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFont(figures(self.font()))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(0)
        return label

    def _lay_out(self) -> None:
        self._label.setFont(section_head(self.font()))
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(MEDIUM, SMALL, MEDIUM, MEDIUM)
        column.setSpacing(SMALL)
        column.addWidget(self._label)
        column.addWidget(self._model)
        column.addWidget(self._trust)
        column.addLayout(self._bars_place)
        column.addWidget(self.note)
        form = QFormLayout()
        form.setHorizontalSpacing(MEDIUM)
        form.setVerticalSpacing(TIGHT)
        for name, line in self._facts.items():
            form.addRow(self._second(name), line)
        details = QVBoxLayout(self._details)
        details.setContentsMargins(0, 0, 0, 0)
        details.setSpacing(SMALL)
        details.addWidget(self._second("History"))
        details.addWidget(self._history)
        details.addSpacing(TIGHT)
        details.addLayout(form)
        column.addWidget(self._details)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setHandleWidth(1)
        split.addWidget(self.crop)
        split.addWidget(scroll)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        split.setSizes([250, 350])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)

    def _second(self, text: str) -> QLabel:
        label = QLabel(text, self)
        set_rank(label, "second")
        return label
