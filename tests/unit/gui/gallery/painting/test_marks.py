"""A person's label and the model's are told apart without colour."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from wbc_desktop.domain.review.review import Status
from wbc_desktop.gui.gallery.painting.marks import review_mark
from wbc_desktop.gui.widgets.theme import DARK, LIGHT, Theme

SIZE = 12  # px, as on a tile
PEOPLE = [status for status in Status if status is not Status.UNREVIEWED]


def grey(status: Status, theme: Theme) -> NDArray[np.float64]:
    """The mark in greyscale, float64 (12, 12), 0..1."""
    image = QImage(SIZE, SIZE, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.surface))
    painter = QPainter(image)
    rect = QRectF(0, 0, SIZE, SIZE)
    review_mark(painter, rect, status, ink=QColor(theme.text), ground=QColor(theme.surface))
    painter.end()
    shown = image.convertToFormat(QImage.Format.Format_Grayscale8)
    data = np.frombuffer(shown.constBits(), np.uint8)
    return data.reshape(SIZE, shown.bytesPerLine())[:, :SIZE] / 255


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("status", PEOPLE)
def test_a_persons_mark_is_filled_and_the_models_is_hollow(status: Status, theme: Theme) -> None:
    """The share of ink differs, and the middle of the hollow one is empty, in grey as in colour."""
    ground = QColor(theme.surface).lightnessF()
    ink = abs(grey(status, theme) - ground).sum()
    hollow = abs(grey(Status.UNREVIEWED, theme) - ground).sum()
    assert ink > 1.3 * hollow
    middle = slice(SIZE // 2 - 1, SIZE // 2 + 1)
    assert abs(grey(Status.UNREVIEWED, theme)[middle, middle] - ground).max() < 0.05


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_no_two_marks_are_alike_in_grey(theme: Theme) -> None:
    for one, other in combinations(Status, 2):
        differing = abs(grey(one, theme) - grey(other, theme)) > 0.3
        assert differing.sum() >= 6, (one, other)
