from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from tests.unit.gui.window_driver import Driver
from wbc_desktop import paths
from wbc_desktop.app import crash_reports
from wbc_desktop.gui.help.crash_dialog import CrashDialog
from wbc_desktop.settings import Settings, default_file


@pytest.fixture
def no_tour() -> None:
    """A computer where the tour has been offered."""
    Settings(default_file()).set("tour_offered", "yes")


def crashed() -> Path:
    """Leave the report of an earlier run that crashed."""
    folder = paths.log_dir() / "crashes"
    folder.mkdir(parents=True)
    file = folder / "2026-11-20_14-03-00_77.crash.txt"
    file.write_text(f"WBC Desktop 0.1.0\n{'-' * 40}\nFatal Python error: Aborted\n", "utf-8")
    return file


def test_the_tour_is_offered_once_and_never_again(new_driver: Callable[[], Driver]) -> None:
    first = new_driver().start()
    first.controller.offers.begin()
    assert "tour" in first.window.offers.text
    first.window.offers.buttons[-1].click()
    assert not first.window.offers.isVisible()
    first.close()
    second = new_driver().start()
    second.controller.offers.begin()
    assert second.window.offers.text == ""


@pytest.mark.usefixtures("no_tour")
def test_a_crash_is_offered_at_the_next_start_shown_and_copied(
    new_driver: Callable[[], Driver],
) -> None:
    crashed()
    driver = new_driver().start()
    driver.controller.offers.begin()
    assert "ended unexpectedly" in driver.window.offers.text
    assert "nothing was sent" in driver.window.offers.text
    driver.window.offers.buttons[0].click()
    dialog = driver.window.findChild(CrashDialog)
    assert dialog is not None
    dialog.copy_button.click()
    assert "Fatal Python error: Aborted" in QGuiApplication.clipboard().text()
    assert dialog.folder_button.isEnabled()
    dialog.reject()
    again = new_driver().start()
    again.controller.offers.begin()
    assert again.window.offers.text == ""


@pytest.mark.usefixtures("no_tour")
def test_a_dismissed_report_is_still_in_the_menu(new_driver: Callable[[], Driver]) -> None:
    crashed()
    driver = new_driver().start()
    driver.controller.offers.begin()
    driver.window.offers.buttons[-1].click()
    assert crash_reports().unseen() == ()
    driver.window.commands["crash_reports"].trigger()
    dialog = driver.window.findChild(CrashDialog)
    assert dialog is not None
    assert "Aborted" in dialog.words
    dialog.reject()


@pytest.mark.usefixtures("no_tour")
def test_damaged_settings_are_said_once(new_driver: Callable[[], Driver]) -> None:
    default_file().write_text("{ broken", encoding="utf-8")
    driver = new_driver().start()
    driver.controller.offers.begin()
    assert "settings.damaged-1.json" in driver.window.offers.text
    driver.window.offers.buttons[0].click()
    assert "tour" in driver.window.offers.text  # what comes next waits for its turn
    driver.close()
    again = new_driver().start()
    again.controller.offers.begin()
    assert again.window.offers.text == ""
