"""What menus and palette grey out because there is nothing to act on, in the real window."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QMenu

from tests.unit.gui.training.test_training_in_window import workspace
from tests.unit.gui.window_driver import Driver
from tests.unit.services.workspace_models import ADAPTED, registered
from wbc_desktop.gui.commands.command_palette import CommandPalette
from wbc_desktop.services.models.promotion import promote

TRAINING = {"training_pause", "training_cancel"}


@contextmanager
def opened(driver: Driver, title: str) -> Iterator[QMenu]:
    """Open a menu of the bar for a moment."""
    menu = driver.window.commands.submenu(title)
    menu.popup(driver.window.mapToGlobal(driver.window.rect().center()))
    yield menu
    menu.close()


def grey(driver: Driver, title: str) -> set[str]:
    with opened(driver, title) as menu:
        return {a.objectName() for a in menu.actions() if a.objectName() and not a.isEnabled()}


def unable(driver: Driver) -> dict[str, str]:
    """What the palette shows in grey, with the reason."""
    palette = driver.window.findChild(CommandPalette)
    assert palette is not None
    commands = palette._commands.commands()
    return {c.what.id.removeprefix("action:"): c.why_not for c in commands if c.why_not}


def test_without_a_workspace_the_model_menu_has_nothing_to_act_on(
    new_driver: Callable[[], Driver],
) -> None:
    driver = new_driver().start()
    assert grey(driver, "&Model") >= TRAINING | {"models", "training_panel", "roll_back", "adapt"}
    assert grey(driver, "C&lassify") >= {"stop", "regroup"}
    assert unable(driver)["models"] == "No workspace is open"
    driver.window.commands["models"].trigger()  # by its key, which stays live
    assert driver.window.notice.text.startswith("No workspace is open")


def test_with_nothing_to_pause_cancel_or_roll_back_these_are_grey_and_their_keys_say_so(
    driver: Driver,
) -> None:
    assert grey(driver, "&Model") >= TRAINING | {"roll_back"}
    assert not grey(driver, "&Model") & {"models", "training_panel", "adapt"}
    with opened(driver, "&Model"):
        assert driver.window.commands["roll_back"].toolTip() == "No promotion to take back."
    assert driver.window.commands["roll_back"].toolTip().startswith("Use the model of before")
    assert unable(driver)["training_pause"] == "No training is under way"
    assert "pass_over" in unable(driver)
    driver.window.commands["training_cancel"].trigger()
    assert driver.window.notice.text == "No training is under way."


def test_a_training_that_was_broken_off_can_be_paused_or_cancelled_from_the_menu(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12, job=True))
    button = driver.window.notice.offer_button
    driver.until(lambda: button.text() == "Training interrupted: go on")
    assert not TRAINING & grey(driver, "&Model")
    assert not TRAINING & set(unable(driver))


def test_after_a_promotion_there_is_something_to_roll_back(
    new_driver: Callable[[], Driver], tmp_path: Path
) -> None:
    driver = new_driver().start(workspace(tmp_path, labelled=12))
    registered(driver.open_workspace.session)
    assert "roll_back" in grey(driver, "&Model")
    promote(driver.open_workspace.session, ADAPTED, "")
    assert "roll_back" not in grey(driver, "&Model")
    assert "roll_back" not in unable(driver)
