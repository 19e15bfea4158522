"""The icons of the program in every size a desktop asks for, drawn from one SVG."""

import os
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def draw_icons(svg: Path, folder: Path) -> dict[int, Path]:
    """Draw the PNG files, and the icon files of Windows and macOS.

    Args:
        svg: The drawing.
        folder: Where they go; made if need be.

    Returns:
        The PNG file of each size in pixels.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    folder.mkdir(parents=True, exist_ok=True)
    drawing = QSvgRenderer(str(svg))
    if not drawing.isValid():
        raise SystemExit(f"{svg} is no drawing")
    files = {}
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        drawing.render(painter)
        painter.end()
        files[size] = folder / f"wbc-desktop-{size}.png"
        image.save(str(files[size]))
    with Image.open(files[256]) as whole:
        whole.save(folder / "wbc-desktop.ico", sizes=[(s, s) for s in SIZES if s <= 256])
    with Image.open(files[512]) as whole:
        whole.save(folder / "wbc-desktop.icns")
    return files
