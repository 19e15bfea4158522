import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtTest import QTest

from tests.unit.gui.window_driver import Driver
from wbc_desktop.gui.help.callout import beside
from wbc_desktop.gui.help.tour import N_STEPS

ROOM = QRect(0, 0, 1366, 768)
CARD = QSize(340, 160)


def test_seven_cards_lead_through_the_window_by_keys(driver: Driver) -> None:
    driver.press("Shift+F1")
    card = driver.controller.tour.card
    titles = []
    for _ in range(N_STEPS):
        titles.append(card.title)
        assert driver.window.rect().contains(card.geometry())
        QTest.keyClick(card, Qt.Key.Key_Right)
    assert len(set(titles)) == N_STEPS == 7
    assert not card.isVisible()
    assert driver.label_of(driver.shown()[0]) is None  # no key went through to the cells


def test_back_and_escape(driver: Driver) -> None:
    driver.press("Shift+F1")
    card = driver.controller.tour.card
    first = card.title
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert card.title != first
    QTest.keyClick(card, Qt.Key.Key_Left)
    assert card.title == first
    card.closed.emit()
    assert not card.isVisible()


def test_the_cards_name_the_keys_of_now(driver: Driver) -> None:
    driver.window.keys.assign("action:import_folder", "Ctrl+Shift+Y")
    driver.press("Shift+F1")
    assert "Ctrl+Shift+Y" in driver.controller.tour.card.accessibleName()


@pytest.mark.parametrize(
    "part",
    [
        QRect(0, 0, 1366, 40),
        QRect(0, 40, 236, 600),
        QRect(236, 40, 780, 600),
        QRect(1040, 40, 326, 600),
        QRect(0, 640, 1366, 100),
    ],
)
def test_a_card_stands_beside_its_part_and_inside_the_window(part: QRect) -> None:
    card = beside(part, CARD, ROOM)
    assert ROOM.contains(card)
    assert card.size() == CARD
    assert not card.intersects(part)


def test_a_part_as_large_as_the_window_has_the_card_in_it() -> None:
    assert ROOM.contains(beside(ROOM, CARD, ROOM))
