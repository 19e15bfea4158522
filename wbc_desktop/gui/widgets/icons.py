"""Our icons: SVG outlines in one stroke weight, drawn in the colour of the theme.

To add one, put ``name.svg`` into ``resources/icons``: 20 × 20, stroke 1.5, ``currentColor``.
"""

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from wbc_desktop import paths
from wbc_desktop.gui.widgets.theme import Theme, mix

_SIZES = (16, 20, 32, 40)  # 16 and 20 px, and the same on screens of 200 %


class Icons:
    """Icons in the colours of one theme, each drawn once.

    Args:
        theme: Gives the colour of the strokes.
        folder: Where the SVG files are; the shipped folder by default.
    """

    def __init__(self, theme: Theme, folder: Path | None = None) -> None:
        self._theme = theme
        self._folder = folder or paths.resources_dir() / "icons"
        self._icons: dict[str, QIcon] = {}

    def __getitem__(self, name: str) -> QIcon:
        """Return the icon of a name.

        Raises:
            FileNotFoundError: If there is no such icon.
        """
        if name not in self._icons:
            self._icons[name] = self._draw(name)
        return self._icons[name]

    def _draw(self, name: str) -> QIcon:
        outline = (self._folder / f"{name}.svg").read_text(encoding="utf-8")
        faint = mix(self._theme.text2, self._theme.window)
        icon = QIcon()
        for mode, colour in (
            (QIcon.Mode.Normal, self._theme.text),
            (QIcon.Mode.Disabled, faint),
        ):
            svg = QByteArray(outline.replace("currentColor", colour).encode())
            for size in _SIZES:
                icon.addPixmap(_render(svg, size), mode)
        return icon


def app_icon() -> QIcon:
    """Return the icon of the program, in its own colours."""
    svg = QByteArray((paths.resources_dir() / "icons" / "app.svg").read_bytes())
    icon = QIcon()
    for size in (16, 32, 64, 256):
        icon.addPixmap(_render(svg, size))
    return icon


def _render(svg: QByteArray, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(svg).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
