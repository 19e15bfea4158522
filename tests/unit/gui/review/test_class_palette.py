import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.gallery.input.drag import mime_of
from wbc_desktop.gui.review.class_palette import ClassPalette, in_key_order
from wbc_desktop.gui.widgets.theme import DARK, LIGHT

TAXONOMY = taxonomy_v1()


@pytest.fixture
def palette(qtbot: QtBot) -> ClassPalette:
    made = ClassPalette(TAXONOMY, LIGHT)
    qtbot.addWidget(made)
    made.resize(1366, 60)
    made.show()
    return made


def drag_over(palette: ClassPalette, class_id: str, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    palette.button(class_id).dragEnterEvent(event)
    return event


def test_it_asks_for_one_row_before_it_is_laid_out(qtbot: QtBot) -> None:
    made = ClassPalette(TAXONOMY, LIGHT)
    qtbot.addWidget(made)
    assert made.minimumSizeHint().height() < 2 * made.button("blast").sizeHint().height()


def test_classes_stand_in_the_order_of_their_keys() -> None:
    assert "".join(c.hotkey for c in in_key_order(TAXONOMY))[:10] == "1234567890"
    assert set(in_key_order(TAXONOMY)) == set(TAXONOMY.classes)


def test_a_click_names_the_class(palette: ClassPalette) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    QTest.mouseClick(palette.button("monocyte"), Qt.MouseButton.LeftButton)
    assert chosen == ["monocyte"]


def test_the_keyboard_reaches_every_class(palette: ClassPalette) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    palette.button("blast").setFocus()
    QTest.keyClick(palette.button("blast"), Qt.Key.Key_Space)
    assert chosen == ["blast"]
    assert palette.button("blast").focusPolicy() is Qt.FocusPolicy.TabFocus


def test_dropped_cells_are_handed_on_with_the_class(palette: ClassPalette) -> None:
    dropped: list[tuple[list[int], str]] = []
    palette.dropped.connect(lambda cells, class_id: dropped.append((cells, class_id)))
    data = mime_of([3, 5])
    assert drag_over(palette, "eosinophil", data).isAccepted()
    palette.button("eosinophil").dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert dropped == [([3, 5], "eosinophil")]


def test_what_is_no_cell_is_not_taken(palette: ClassPalette) -> None:
    data = QMimeData()
    data.setText("cells: 3, 5")
    assert not drag_over(palette, "eosinophil", data).isAccepted()


def test_one_row_where_it_fits_more_where_it_does_not(palette: ClassPalette, qtbot: QtBot) -> None:
    def rows() -> int:
        return len({palette.button(c.id).y() for c in TAXONOMY.classes})

    assert rows() == 1
    palette.resize(700, 120)
    qtbot.waitUntil(lambda: rows() == 2)


def test_name_key_and_count_are_spoken(palette: ClassPalette) -> None:
    palette.show_counts({TAXONOMY.ordinals["artefact"]: 1234})
    button = palette.button("artefact")
    assert button.accessibleName() == "Artefact, key X, 1,234 cells"
    assert "not part of the 100 %" in button.toolTip()


def test_the_swatch_takes_the_colour_of_the_theme(palette: ClassPalette) -> None:
    for theme in (LIGHT, DARK):
        palette.set_theme(theme)
        drawn = palette.button("basophil").grab().toImage().pixelColor(6, 20).name().upper()
        assert drawn == theme.class_colour(TAXONOMY.by_id["basophil"])
