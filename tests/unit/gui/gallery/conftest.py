"""Galleries on screen."""

import pytest
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import LYM, MON, SEG, DrawnGallery, cells


@pytest.fixture
def gallery(qtbot: QtBot) -> DrawnGallery:
    """Six segmented (1–6), three lymphocytes (7–9) and one monocyte (10) in four columns."""
    made = DrawnGallery(qtbot, cells(*[SEG] * 6, *[LYM] * 3, MON))
    assert made.scene.layout.columns == 4
    return made


@pytest.fixture
def long_gallery(qtbot: QtBot) -> DrawnGallery:
    """Two hundred segmented neutrophils and two hundred lymphocytes."""
    return DrawnGallery(qtbot, cells(*[SEG] * 200, *[LYM] * 200))
