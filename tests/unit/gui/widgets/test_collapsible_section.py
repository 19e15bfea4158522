from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from wbc_desktop.gui.widgets.collapsible_section import CollapsibleSection


def test_a_section_folds_by_key_and_says_so(qtbot: QtBot) -> None:
    body = QLabel("what is in it")
    fold = CollapsibleSection("History", body)
    qtbot.addWidget(fold)
    fold.show()
    told: list[bool] = []
    fold.toggled.connect(told.append)
    (head,) = fold.findChildren(QToolButton)
    assert head.accessibleName() == "History, open"
    QTest.keyClick(head, Qt.Key.Key_Space)
    assert (fold.open, body.isVisible(), told) == (False, False, [False])
    assert head.accessibleName() == "History, folded"


def test_what_the_settings_say_is_not_told(qtbot: QtBot) -> None:
    fold = CollapsibleSection("History", QLabel("what is in it"))
    qtbot.addWidget(fold)
    told: list[bool] = []
    fold.toggled.connect(told.append)
    fold.set_open(False)
    assert (fold.open, told) == (False, [])
