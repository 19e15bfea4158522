"""The strip below the large crop: scale bar, zoom, and what changes how the crop is shown."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from wbc_desktop.domain.cells.scale import CropScale, bar_length, length_words
from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

DISPLAY, STAIN, EVIDENCE = "display_tones", "stain_channel", "evidence"
_ICON = QSize(16, 16)
_MIN_LENGTH = 24  # px; a shorter bar says nothing
_TICK = 6
_UNKNOWN = "Scale not known"
_ESTIMATE_WORDS = (", estimated", " est.", "")  # what fits is shown; the rest is a hover away


class CropStrip(QWidget):
    """Scale bar, zoom and three buttons, which are actions of the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = ScaleBar(self)
        self._zoom = QLabel(self)
        self._zoom.setFont(figures(self.font()))
        self._zoom.setToolTip("Pixels of the screen for one pixel of the crop")
        set_rank(self._zoom, "second")
        self._buttons = {name: self._button() for name in (DISPLAY, STAIN, EVIDENCE)}
        row = QHBoxLayout(self)
        row.setContentsMargins(MEDIUM, TIGHT, SMALL, TIGHT)
        row.setSpacing(TIGHT)
        row.addWidget(self._bar, 1)
        row.addWidget(self._zoom)
        row.addSpacing(TIGHT)
        for button in self._buttons.values():
            row.addWidget(button)

    @property
    def scale_text(self) -> str:
        """What stands beside the scale bar."""
        return self._bar.text

    @property
    def zoom_text(self) -> str:
        """The zoom in words."""
        return self._zoom.text()

    def bind(self, actions: ActionSet) -> None:
        """Give the buttons their actions of the window; menu, key and tooltip are theirs."""
        for name, button in self._buttons.items():
            actions[name].setCheckable(True)
            button.setDefaultAction(actions[name])
            button.setAccessibleName(actions[name].iconText())

    def show_state(self, *, display: bool, stain: bool, evidence: bool) -> None:
        """Show which of the three are on."""
        for name, on in ((DISPLAY, display), (STAIN, stain), (EVIDENCE, evidence)):
            action = self._buttons[name].defaultAction()
            if action is not None:
                action.setChecked(on)

    def show_scale(self, scale: CropScale | None, *, shown: bool) -> None:
        """Take the scale of another crop; see ``ScaleBar``."""
        self._bar.show_scale(scale, shown=shown)
        self._zoom.setVisible(shown)

    def show_zoom(self, zoom: float, *, ratio: float) -> None:
        """Take another zoom.

        Args:
            zoom: Device pixels for one pixel of the crop.
            ratio: Device pixels for one device-independent pixel.
        """
        self._bar.set_zoom(zoom / ratio)
        self._zoom.setText(zoom_words(zoom))

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.setProperty("small", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(_ICON)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button


class ScaleBar(QWidget):
    """A bar of a round length, and how long it is.

    A solid bar stands for a known scale; a dashed one for a scale that was taken from the usual
    size of a nucleus.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: CropScale | None = None
        self._zoom = 1.0  # device-independent pixels per pixel of the crop
        self._shown = False
        self.setFont(figures(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def text(self) -> str:
        """What stands beside the bar; empty while no crop is shown."""
        if not self._shown:
            return ""
        um, _ = self._bar()
        if self._scale is None or not um:
            return _UNKNOWN
        return (
            f"≈ {length_words(um)}{_ESTIMATE_WORDS[0]}"
            if self._scale.estimated
            else length_words(um)
        )

    def show_scale(self, scale: CropScale | None, *, shown: bool) -> None:
        """Take the scale of another crop.

        Args:
            scale: None where it is not known.
            shown: Whether there is a crop at all.
        """
        self._scale, self._shown = scale, shown
        self._say()

    def set_zoom(self, zoom: float) -> None:
        """Take another zoom, in device-independent pixels per pixel of the crop."""
        self._zoom = zoom
        self._say()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for a bar and its length."""
        return QSize(120, self.fontMetrics().height() + 2 * TIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Still enough for a short bar."""
        return QSize(72, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the bar with its ends, and its length behind it."""
        text = self.text
        if not text:
            return
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        _, length = self._bar()
        left = 0.0
        if length and text != _UNKNOWN:
            self._draw_bar(painter, length)
            left = length + SMALL
        room = QRectF(left, 0, self.width() - left, self.height())
        words = self._fitting(text, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def _fitting(self, text: str, room: int) -> str:
        """Return the text, shortened where it is an estimate and there is little room."""
        whole = text.removesuffix(_ESTIMATE_WORDS[0])
        ends = _ESTIMATE_WORDS if whole != text else ("",)
        for end in ends:
            if self.fontMetrics().horizontalAdvance(whole + end) <= room:
                return whole + end
        return self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)

    def _draw_bar(self, painter: QPainter, length: float) -> None:
        middle = self.height() / 2
        pen = QPen(self.palette().windowText().color(), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        for x in (1.0, length - 1.0):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, middle - _TICK / 2), QPointF(x, middle + _TICK / 2))
        if self._scale is not None and self._scale.estimated:
            pen.setDashPattern([2, 1.5])
        painter.setPen(pen)
        painter.drawLine(QPointF(0, middle), QPointF(length, middle))

    def _bar(self) -> tuple[float, float]:
        """Return the length in µm and in device-independent pixels; 0 where none fits."""
        if self._scale is None:
            return 0.0, 0.0
        um_per_px = self._scale.um_per_px / self._zoom
        room = max(self.width() * 0.5, _MIN_LENGTH)
        um = bar_length(um_per_px, room_px=room)
        length = um / um_per_px
        return (um, length) if length >= _MIN_LENGTH / 3 else (0.0, 0.0)

    def _say(self) -> None:
        text = self.text
        if self._scale is not None and self._scale.estimated and text:
            tip = "A guess: the nucleus is taken to have the usual size. Do not measure with it."
        elif text == _UNKNOWN:
            tip = "Neither import nor cell told how many µm a pixel shows."
        else:
            tip = "Length of the bar on the crop, from the scale of the slide."
        self.setToolTip(tip if text else "")
        self.setAccessibleName(f"Scale bar: {text}" if text else "Scale bar")
        self.update()


def zoom_words(zoom: float) -> str:
    """Return a zoom in words: device pixels for one pixel of the crop."""
    return "1:1" if zoom == 1.0 else f"{zoom:.2g}×" if zoom < 10 else f"{zoom:.0f}×"
