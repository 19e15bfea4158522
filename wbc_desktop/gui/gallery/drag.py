"""Cells under way from the gallery to a class: what a drag carries and how it looks."""

import json
import os
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QDrag, QFontMetrics, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.gallery.style import Style
from wbc_desktop.gui.theme import SMALL, TIGHT

MIME = "application/x-wbc-cells"
_CARD = 56
_FAN = 3  # cards shown at most


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


def picture_of(crops: Sequence[QImage], count: int, *, style: Style, ratio: float) -> QPixmap:
    """Return the picture under the mouse: up to three crops as a fan, with the count.

    Args:
        crops: Of the first cells; may be fewer than the cells.
        count: Number of cells.
        style: Fonts and colours.
        ratio: Device pixels per device-independent pixel.
    """
    words = f"{count:,}".replace(",", "\u202f")
    text = QFontMetrics(style.bold)
    badge_width = max(text.height() + TIGHT, text.horizontalAdvance(words) + 2 * SMALL)
    fan = crops[:_FAN]
    side = _CARD + TIGHT * max(0, len(fan) - 1)
    size = side + badge_width // 2
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    top = size - side
    for place in reversed(range(max(1, len(fan)))):
        card = QRect(place * TIGHT, top + place * TIGHT, _CARD, _CARD)
        painter.fillRect(card, QColor(style.theme.surface))
        inner = card.adjusted(2, 2, -2, -2)
        painter.fillRect(inner, style.stage)
        if place < len(fan):
            painter.drawImage(inner, fan[place])
    badge = QRect(size - badge_width, 0, badge_width, text.height() + TIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(style.theme.accent))
    painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
    painter.setPen(QColor(style.theme.on_accent))
    painter.setFont(style.bold)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return pixmap


def run_drag(source: QWidget, data: QMimeData, picture: QPixmap) -> None:
    """Drag until the mouse is released somewhere."""
    drag = QDrag(source)
    drag.setMimeData(data)
    drag.setPixmap(picture)
    drag.setHotSpot(QPoint(-SMALL, -SMALL))
    drag.exec(Qt.DropAction.CopyAction)
