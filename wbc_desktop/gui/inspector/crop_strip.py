"""The strip below the large crop: scale bar, zoom, and what changes how the crop is shown."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from wbc_desktop.domain.cells.scale import CropScale
from wbc_desktop.gui.commands.action_binding import ActionSet
from wbc_desktop.gui.inspector.scale_bar import ScaleBar
from wbc_desktop.gui.widgets.theme import MEDIUM, SMALL, TIGHT, figures, set_rank

DISPLAY, STAIN, EVIDENCE = "display_tones", "stain_channel", "evidence"
_ICON = QSize(16, 16)


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


def zoom_words(zoom: float) -> str:
    """Return a zoom in words: device pixels for one pixel of the crop."""
    return "1:1" if zoom == 1.0 else f"{zoom:.2g}×" if zoom < 10 else f"{zoom:.0f}×"
