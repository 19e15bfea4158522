"""The large crop with everything that changes how it is shown, and says that it does.

Tones, stain view and evidence map stay as they are from cell to cell, because a slide that is too
dark is too dark in every crop; they end with the program and are never written anywhere. While any
of them is on, a line below the crop says so.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from wbc_desktop.domain.cells.evidence import Evidence
from wbc_desktop.domain.cells.scale import CropScale
from wbc_desktop.domain.cells.stain_channels import StainView
from wbc_desktop.domain.wording import capitalised
from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.inspector.crop_strip import CropStrip
from wbc_desktop.gui.inspector.crop_view import CropView
from wbc_desktop.gui.inspector.evidence_overlay import EvidenceLegend, overlay_of
from wbc_desktop.gui.inspector.tones import Tones, ToneSliders
from wbc_desktop.gui.widgets.labels import WrappedLabel
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, set_rank

_STAIN_WORDS = {StainView.NUCLEUS: "nuclear dye only", StainView.EOSIN: "eosin only"}


class CropPanel(QWidget):
    """Crop, strip, and below them what the reader has unfolded.

    Signals:
        stain_changed: The ``StainView`` in which crops are wanted from now on.
        evidence_asked: Evidence is wanted (True) or no longer wanted.
        evidence_class_chosen: The class id whose evidence is wanted for this cell.
        left: The reader is done here; the gallery should have the keys.
        room_asked: By how many pixels the panel should grow (or shrink, below 0), so that the crop
            keeps its size while parts below it come and go.
    """

    stain_changed = Signal(object)
    evidence_asked = Signal(bool)
    evidence_class_chosen = Signal(str)
    left = Signal()
    room_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = CropView(self)
        self.strip = CropStrip(self)
        self.legend = EvidenceLegend(self)
        self.sliders = ToneSliders(self)
        self._stain = StainView.AS_IS
        self._evidence = False
        self._mark = WrappedLabel(self)
        set_rank(self._mark, "warning")
        self._reset = QToolButton(self)
        self._reset.setProperty("flat", True)
        self._reset.setText("Reset")
        self._reset.setAccessibleName("Show the crop as it is")
        self._reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._marked = QWidget(self)
        self._below = 0  # height of the parts that come and go
        self._lay_out()
        self._connect()
        self._show_state()

    @property
    def stain(self) -> StainView:
        """The view in which crops are wanted."""
        return self._stain

    @property
    def evidence_on(self) -> bool:
        """True while evidence is wanted."""
        return self._evidence

    @property
    def tones(self) -> Tones:
        """The tones in which crops are shown."""
        return self.sliders.tones

    @property
    def mark_text(self) -> str:
        """What says that the crop is not shown as it is; empty while it is."""
        return self._mark.text()

    @property
    def sliders_open(self) -> bool:
        """True while the sliders are unfolded."""
        return not self.sliders.isHidden()

    def bind(self, actions: ActionSet) -> None:
        """Give the buttons of the strip their actions of the window."""
        self.strip.bind(actions)
        action = actions["display_reset"]
        self._reset.clicked.connect(action.trigger)
        action.changed.connect(lambda: self._reset.setToolTip(action.toolTip()))
        self._reset.setToolTip(action.toolTip())
        self._show_state()

    def show_crop(self, image: QImage, scale: CropScale | None = None) -> None:
        """Show a crop in the wanted stain view; a null image empties the stage."""
        self.view.set_image(image)
        self.strip.show_scale(scale, shown=not image.isNull())

    def show_evidence(self, evidence: Evidence | None) -> None:
        """Lay an evidence map over the present crop, or take it away."""
        drawn = evidence is not None and evidence.speaks_for
        self.view.set_overlay(overlay_of(evidence) if evidence and drawn else None)

    def set_sliders_open(self, open_: bool) -> None:
        """Unfold the sliders or fold them away."""
        self.sliders.setVisible(open_)
        self._show_state()

    def toggle_sliders(self) -> None:
        """Unfold the sliders and give them the keyboard, or fold them away."""
        self.set_sliders_open(not self.sliders_open)
        if self.sliders_open:
            self.sliders.take_keyboard()
        else:
            self.left.emit()

    def toggle_evidence(self) -> None:
        """Ask for evidence maps, or for none any more."""
        self._evidence = not self._evidence
        self._show_state()
        self.evidence_asked.emit(self._evidence)

    def next_stain(self) -> None:
        """Ask for the next stain view round."""
        self._take_stain(self._stain.following())

    def reset(self) -> None:
        """Show crops as they are: no tones, no stain view; evidence stays as it was asked for."""
        self.sliders.set_tones(Tones())
        self._take_tones(Tones())
        self._take_stain(StainView.AS_IS)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape goes back to the gallery."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _take_stain(self, stain: StainView) -> None:
        if stain is self._stain:
            return
        self._stain = stain
        self._show_state()
        self.stain_changed.emit(stain)

    def _take_tones(self, tones: Tones) -> None:
        self.view.set_tones(tones)
        self._show_state()

    def _take_zoom(self, zoom: float) -> None:
        self.strip.show_zoom(zoom, ratio=self.devicePixelRatioF())

    def _show_state(self) -> None:
        """Say what is changed, and show which buttons are on."""
        parts = [_STAIN_WORDS.get(self._stain, ""), self.tones.words()]
        text = ", ".join(part for part in parts if part)
        self._mark.setText(capitalised(f"display only: {text}") if text else "")
        self._marked.setVisible(bool(text))
        self.legend.setVisible(self._evidence)
        self.strip.show_state(
            display=self.sliders_open,
            stain=self._stain is not StainView.AS_IS,
            evidence=self._evidence,
        )
        self._ask_room()

    def _ask_room(self) -> None:
        parts = (self._marked, self.legend, self.sliders)
        below = sum(_height(part, self.width()) for part in parts if not part.isHidden())
        if below != self._below:
            self.room_asked.emit(below - self._below)
            self._below = below

    def _connect(self) -> None:
        self.view.zoom_changed.connect(self._take_zoom)
        self.sliders.changed.connect(self._take_tones)
        self.legend.class_chosen.connect(self.evidence_class_chosen)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._marked)
        row.setContentsMargins(MEDIUM, 0, SMALL, 0)
        row.addWidget(self._mark, 1)
        row.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        self.sliders.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        for part in (self.strip, self.sliders, self._marked, self.legend):
            column.addWidget(part)


def _height(part: QWidget, width: int) -> int:
    """Return the height that a part wants at a width."""
    wanted = part.heightForWidth(width) if part.hasHeightForWidth() else -1
    return wanted if wanted > 0 else part.sizeHint().height()
