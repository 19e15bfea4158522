import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.filter.arrangement import Filter
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.filter.filter_bar import REVIEW_CHOICES, FilterBar
from wbc_desktop.gui.widgets.icons import Icons
from wbc_desktop.gui.widgets.theme import LIGHT

TAXONOMY = taxonomy_v1()


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    made = FilterBar(TAXONOMY)
    qtbot.addWidget(made)
    return made


def heard(bar: FilterBar) -> list[Filter]:
    found: list[Filter] = []
    bar.filter_changed.connect(found.append)
    return found


def test_at_first_nothing_is_filtered(bar: FilterBar) -> None:
    assert bar.filter() == Filter()


def test_classes_are_filtered_by_their_ordinals(bar: FilterBar) -> None:
    found = heard(bar)
    by_text = {a.text(): a for menu in bar.findChildren(QMenu) for a in menu.actions()}
    by_text["MON  Monocyte"].trigger()
    by_text["–  Not classified yet"].trigger()
    assert found[-1].classes == frozenset({TAXONOMY.ordinals["monocyte"], -1})


def test_confidence_is_a_range_of_probabilities(bar: FilterBar) -> None:
    found = heard(bar)
    low, high = bar.findChildren(QSpinBox)
    high.setValue(80)
    assert (found[-1].min_conf, found[-1].max_conf) == (None, 0.8)
    low.setValue(25)
    assert (found[-1].min_conf, found[-1].max_conf) == (0.25, 0.8)


def test_unusual_cells_can_be_asked_for(bar: FilterBar) -> None:
    found = heard(bar)
    bar.show_unusual_only()
    assert found == [Filter(unusual=True)]
    bar.clear()
    assert found[-1] == Filter()


def test_every_review_state_can_be_chosen() -> None:
    single = {next(iter(wanted)) for _, wanted in REVIEW_CHOICES if wanted and len(wanted) == 1}
    assert single == set(Status)


def test_clearing_asks_for_everything_once(bar: FilterBar) -> None:
    bar.show_flagged_only()
    bar.show_review_state("Corrected")
    found = heard(bar)
    bar.clear()
    assert found == [Filter()]


def test_clearing_class_filters_tells_once(bar: FilterBar) -> None:
    for menu in bar.findChildren(QMenu):
        for action in menu.actions():
            if action.isCheckable():
                action.setChecked(True)
    found = heard(bar)
    bar.clear()
    assert found == [Filter()]


def test_several_classes_are_ticked_in_one_visit(bar: FilterBar, qtbot: QtBot) -> None:
    bar.show()
    menu = next(m for m in bar.findChildren(QMenu) if len(m.actions()) > 2)
    menu.popup(QPoint(0, 0))
    qtbot.waitExposed(menu)
    for action in menu.actions()[:2]:
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert menu.isVisible()
    assert bar.filter().classes == frozenset({0, 1})
    menu.close()


def test_a_narrow_strip_spares_words_and_cuts_no_number(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = FilterBar(TAXONOMY, window)
    bar.show_counts(1_024, 12_480)
    window.resize(2000, 60)
    window.show()
    row = bar.layout()
    assert row is not None
    bar.resize(2000, 40)
    wide = row.sizeHint().width()
    for width, written in ((wide, "1,024 of 12,480 shown"), (wide - 1, "1,024 of 12,480")):
        bar.resize(width, 40)
        row.activate()
        (label,) = (each for each in bar.findChildren(QLabel) if "12,480" in each.text())
        assert label.text() == written
        assert label.width() >= label.sizeHint().width()
        assert bar.shown_text == "1,024 of 12,480 shown"


@pytest.mark.parametrize("width", [420, 500, 700, 1100])
def test_nothing_in_the_strip_is_cut(qtbot: QtBot, width: int) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = FilterBar(TAXONOMY, window)
    bar.repaint_icons(Icons(LIGHT))
    bar.show_counts(12_480, 12_480)
    window.resize(2000, 100)
    window.show()
    for asked in (1100, 420, width):
        bar.resize(asked, 70)
        QApplication.processEvents()
    for button in bar.controls.findChildren(QToolButton):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width(), button.text()
            assert button.mapTo(bar, button.rect().topRight()).x() < bar.width()
    (count,) = (each for each in bar.findChildren(QLabel) if "12,480" in each.text())
    assert count.width() >= count.sizeHint().width()
