"""Cells under way from the gallery to a class: what a drag carries and how it looks."""

import json
import os
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QDrag, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.gallery.painting.style import GalleryStyle, grouped
from wbc_desktop.gui.widgets.theme import SMALL, TIGHT

MIME = "application/x-wbc-cells"
_CROP = 56
_CROPS = 3  # shown at most


def mime_of(cell_ids: Sequence[int]) -> QMimeData:
    """Return cells as a drag carries them."""
    # Row ids mean something in this program only, not in another window of another workspace.
    text = json.dumps({"process": os.getpid(), "cells": list(cell_ids)})
    data = QMimeData()
    data.setData(MIME, QByteArray(text.encode()))
    return data


def cell_ids_of(data: QMimeData) -> list[int]:
    """Return the cells a drag carries; none if it carries something else or is not ours."""
    if not data.hasFormat(MIME):
        return []
    content = json.loads(bytes(data.data(MIME).data()))
    return list(content["cells"]) if content["process"] == os.getpid() else []


def picture_of(
    crops: Sequence[QImage], count: int, *, style: GalleryStyle, ratio: float
) -> QPixmap:
    """Return the picture under the mouse: up to three crops above the count.

    It is opaque: where the desktop does not blend windows, what is clear would turn black.

    Args:
        crops: Of the first cells; may be fewer than the cells.
        count: Number of cells.
        style: Fonts and colours.
        ratio: Device pixels per device-independent pixel.
    """
    words = "1 cell" if count == 1 else f"{grouped(count)} cells"
    line = style.line.height() + TIGHT
    n_crops = max(1, min(len(crops), count, _CROPS))
    width = max(n_crops * (_CROP + 2) + 2, style.line.horizontalAdvance(words) + 2 * SMALL)
    height = _CROP + 4 + line
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(style.theme.accent))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for place in range(n_crops):
        stage = QRect(2 + place * (_CROP + 2), 2, _CROP, _CROP)
        painter.fillRect(stage, style.stage)
        if place < len(crops):
            size = crops[place].size().scaled(stage.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(stage.topLeft(), size)
            target.moveCenter(stage.center())
            painter.drawImage(target, crops[place])
    painter.setPen(QColor(style.theme.on_accent))
    painter.setFont(style.font)
    text = QRect(0, height - line - 1, width, line)
    painter.drawText(text, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return pixmap


def run_drag(source: QWidget, data: QMimeData, picture: QPixmap) -> None:
    """Drag until the mouse is released somewhere."""
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.setPixmap(picture)
    drag.setHotSpot(QPoint(-SMALL, -SMALL))
    drag.exec(Qt.DropAction.CopyAction)
