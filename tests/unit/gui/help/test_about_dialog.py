"""About leads to the licences: the file that the build wrote, or where the texts are found."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from wbc_desktop.gui.help.about_dialog import FILE_NAME, AboutDialog, LicencesDialog, licences


def test_an_installed_program_shows_the_file_of_its_build(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("numpy 2.4  BSD-3-Clause\n", encoding="utf-8")
    assert licences(tmp_path) == "numpy 2.4  BSD-3-Clause\n"


def test_a_checkout_says_where_the_texts_are(tmp_path: Path) -> None:
    told = licences(tmp_path)
    assert "beside it in the Python environment" in told
    assert "LGPL 3" in told


def test_about_opens_them(qtbot: QtBot) -> None:
    about = AboutDialog("wbc-robust-1")
    qtbot.addWidget(about)
    about.licences.click()
    (shown,) = about.findChildren(LicencesDialog)
    assert shown.isVisible()
    assert shown.text.isReadOnly()
    assert "Apache License 2.0" in shown.text.toPlainText()
    shown.reject()
