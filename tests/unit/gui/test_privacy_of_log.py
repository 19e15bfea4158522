import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit import drawn_crops
from tests.unit.gui.window_driver import Driver
from wbc_desktop import paths
from wbc_desktop.app import crash_reports
from wbc_desktop.services.support.logs import NAME, start_log

CODE = "Zwölfpfennig-0192"  # of the patient; also in each name of a file


@pytest.fixture
def log() -> Iterator[Path]:
    """The log of the program, as ``app.run`` begins it."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers = []
    start_log(paths.log_dir())
    yield paths.log_dir() / NAME
    for handler in root.handlers:
        handler.close()
    root.handlers = before


def test_a_session_with_errors_leaves_no_name_in_log_or_reports(
    log: Path, new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    crops = {f"{CODE}_{n}.png": drawn_crops.png(n) for n in range(3)}
    folder = drawn_crops.write(tmp_path / CODE, crops | {f"{CODE}.jpg": b"no image"})
    driver = new_driver().start(tmp_path / "workspace")
    reports = crash_reports()
    reports.begin()
    driver.answers.folder = folder
    driver.press("Ctrl+I")
    driver.until(lambda: _ready(driver))
    dialog = driver.open_workspace.importing.dialog
    assert dialog is not None
    dialog.import_button.click()
    driver.until(lambda: len(driver.open_workspace.browser.index) == 3)
    for error in (KeyError(CODE), FileNotFoundError(2, "No such file", str(folder))):
        driver.controller.show_error(error)
        reports.add(error)
    logging.getLogger("wbc_desktop.test").error("could not read %s of %s", folder, CODE)
    logging.getLogger("PIL.Image").warning("%s is truncated", folder)
    driver.close()
    reports.end()
    written = log.read_text(encoding="utf-8")
    assert "KeyError" in written
    assert "FileNotFoundError (No such file)" in written
    for file in (log, *(paths.log_dir() / "crashes").iterdir()):
        text = file.read_text(encoding="utf-8")
        assert CODE not in text
        assert CODE.casefold().split("-")[0] not in text.casefold()
        assert str(Path.home()) not in text


def _ready(driver: Driver) -> bool:
    dialog = driver.open_workspace.importing.dialog
    return dialog is not None and dialog.import_button.isEnabled()
