from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QWidget
from pytestqt.qtbot import QtBot

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.help.about_dialog import AboutDialog
from wbc_desktop.gui.widgets.dialogs import ErrorDialog, QtDialogs
from wbc_desktop.gui.widgets.labels import WrappedLabel


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
        assert isinstance(dialog, ErrorDialog)
        seen.extend(label.text() for label in dialog.findChildren(WrappedLabel))
        assert not dialog.fold.open  # the details are there, and folded away
        seen.append(dialog.details.toPlainText())
        dialog.accept()

    when_open(read)
    error = UserError("The file cannot be read", "<b>cell</b>.png", "Check the disk.")
    QtDialogs(parent).error(error, technical="Traceback …")
    # The name of the file is shown as it is, not as markup.
    assert seen == ["The file cannot be read", "<b>cell</b>.png", "Check the disk.", "Traceback …"]


def test_the_text_of_an_error_can_be_copied_with_its_details(parent: QWidget) -> None:
    error = UserError("The file cannot be read", "cell.png", "Check the disk.")
    dialog = ErrorDialog(error, technical="Traceback …", parent=parent)
    dialog.copy_button.click()
    text = QGuiApplication.clipboard().text()
    assert text == "The file cannot be read\n\ncell.png\n\nCheck the disk.\n\nTraceback …"
    dialog.close()


def test_an_error_without_details_offers_none(parent: QWidget) -> None:
    dialog = ErrorDialog(UserError("No"), parent=parent)
    dialog.show()
    assert not dialog.fold.isVisible()
    dialog.close()


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
