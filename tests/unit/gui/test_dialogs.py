from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.about_dialog import AboutDialog
from wbc_desktop.gui.dialogs import QtDialogs


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def when_open(act: Callable[[QWidget], None]) -> None:
    """Act on the modal dialog as soon as there is one."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(5, look)
        else:
            act(dialog)

    QTimer.singleShot(0, look)


def test_an_error_says_what_to_which_file_and_what_to_do(parent: QWidget) -> None:
    seen: list[str] = []

    def read(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        seen.extend([dialog.text(), dialog.informativeText(), dialog.detailedText()])
        dialog.accept()

    when_open(read)
    error = UserError("The file cannot be read", "<b>cell</b>.png", "Check the disk.")
    QtDialogs(parent).error(error, technical="Traceback …")
    assert seen[0] == "The file cannot be read"
    assert seen[1] == "<b>cell</b>.png\n\nCheck the disk."  # shown as it is, not as markup
    assert seen[2] == "Traceback …"


def test_a_text_is_asked_with_a_value_to_start_from(parent: QWidget) -> None:
    def answer(dialog: QWidget) -> None:
        assert isinstance(dialog, QInputDialog)
        assert dialog.textValue() == "root"
        dialog.setTextValue("  A. Maier ")
        dialog.accept()

    when_open(answer)
    assert QtDialogs(parent).ask_text("Who?", "Name", value="root") == "A. Maier"


def test_giving_up_a_question_answers_none(parent: QWidget) -> None:
    def give_up(dialog: QWidget) -> None:
        dialog.close()

    when_open(give_up)
    assert QtDialogs(parent).ask_text("Who?", "Name", value="root") is None


def test_a_target_without_an_ending_gets_one(
    parent: QWidget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "cells"), ""))
    target = QtDialogs(parent).choose_target("Export", start="", suffix="csv")
    assert target == tmp_path / "cells.csv"


def test_about_states_model_and_notice(qtbot: QtBot, parent: QWidget) -> None:
    from PySide6.QtWidgets import QLabel

    dialog = AboutDialog("wbc-robust-1", parent)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "For research use only" in words
    assert "wbc-robust-1" in words
    dialog.close()
