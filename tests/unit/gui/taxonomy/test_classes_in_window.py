"""The window follows the classes of its workspace."""

import shutil
import sqlite3
from pathlib import Path

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.text import filter_text, parse_filter
from wbc_desktop.domain.taxonomy.edits import ClassUpdate, NewClass
from wbc_desktop.services.session.commands import UserCommand
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.taxonomy_commands import AddClass, ChangeClass, MergeClasses
from wbc_desktop.store.workspace import Workspace

HAIRY = AddClass(NewClass(name="Hairy cell", code="HCL", hotkey="B"))


def do(driver: Driver, command: UserCommand) -> None:
    """Change the classes and wait until the window shows them."""
    before = driver.open_workspace
    driver.open_workspace.session.do(command)
    driver.until(lambda: driver.controller.open_workspace not in (None, before))


def offered(driver: Driver) -> set[str]:
    return {c.id for c in TAXONOMY.classes if driver.window.commands.has_label(c.id)}


def test_a_new_class_can_be_given_with_its_key_and_button(driver: Driver) -> None:
    driver.choose(2)
    do(driver, HAIRY)
    assert driver.window.gallery.selected_ids() == [2]
    driver.press("B")
    assert driver.label_of(2) == "hairy_cell"
    driver.choose(3)
    driver.window.classes.button("hairy_cell").click()
    assert driver.label_of(3) == "hairy_cell"
    driver.choose(3)
    assert driver.window.inspector.label_text == "● HCL  Hairy cell"
    assert "the model does not know it" in driver.window.inspector.trust_text


def test_the_model_does_not_know_a_new_class_and_the_palette_says_so(driver: Driver) -> None:
    do(driver, HAIRY)
    tip = driver.window.classes.button("hairy_cell").toolTip()
    assert "the model does not know it" in tip


def test_a_hidden_class_is_offered_nowhere_and_its_cells_stay(driver: Driver) -> None:
    driver.choose(1)
    driver.press("8")
    do(driver, ChangeClass("blast", ClassUpdate(hidden=True)))
    assert offered(driver) == set(TAXONOMY.by_id) - {"blast"}
    assert driver.open_workspace.browser.shown_among([1]) == (1,)
    driver.choose(1)
    assert "BLA  Blast" in driver.window.inspector.label_text


def test_merged_cells_are_shown_as_the_other_class(driver: Driver) -> None:
    do(driver, MergeClasses(("monocyte",), "blast"))
    driver.choose(2)
    assert driver.window.inspector.label_text == "○ BLA  Blast (given as MON)"
    driver.press("Ctrl+Z")
    driver.until(lambda: driver.open_workspace.session.taxonomy == TAXONOMY)
    driver.until(lambda: driver.window.commands.has_label("monocyte"))


def test_the_filter_stays_when_the_classes_change(driver: Driver) -> None:
    wanted = Filter(classes=frozenset({TAXONOMY.ordinals["monocyte"]}))
    driver.open_workspace.filter.apply(wanted)
    do(driver, ChangeClass("blast", ClassUpdate(name="Blast cell")))
    assert driver.open_workspace.browser.filter == wanted


def test_another_workspace_has_its_own_classes(
    driver: Driver, workspace_of_six: Path, tmp_path: Path
) -> None:
    do(driver, HAIRY)
    driver.controller.open(tmp_path / "other", create=True)
    assert not driver.window.commands.has_label("hairy_cell")
    driver.controller.open(workspace_of_six, create=False)
    assert driver.window.commands.has_label("hairy_cell")


def test_a_workspace_that_cannot_be_read_leaves_the_present_one_open(
    driver: Driver, workspace_of_six: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(workspace_of_six, tmp_path / "damaged")
    connection = sqlite3.connect(damaged / "workspace.wbc")
    connection.executescript("UPDATE prediction_columns SET data = x'00'")
    connection.close()
    before = driver.open_workspace
    driver.controller.open(damaged, create=False)
    assert driver.open_workspace is before
    assert "damaged" in str(driver.answers.errors[-1])


def test_what_another_program_changed_is_shown_after_coming_back(
    driver: Driver, workspace_of_six: Path
) -> None:
    with Workspace.open(workspace_of_six) as workspace:
        Session(workspace, reader="Zoë", taxonomy=TAXONOMY).do(HAIRY)
    before = driver.open_workspace
    driver.window.came_to_front.emit()
    driver.until(lambda: driver.controller.open_workspace not in (None, before))
    assert driver.window.commands.has_label("hairy_cell")


def test_a_filter_says_the_same_of_other_classes(driver: Driver) -> None:
    names = driver.open_workspace.filter.names
    driver.open_workspace.filter.apply(parse_filter("-class:artefact", names))
    do(driver, HAIRY)
    assert (
        filter_text(driver.open_workspace.filter.wanted, driver.open_workspace.filter.names)
        == "-class:artefact"
    )
    driver.open_workspace.filter.apply(
        parse_filter("class:hairy_cell", driver.open_workspace.filter.names)
    )
    before = driver.open_workspace
    driver.press("Ctrl+Z")
    driver.until(lambda: driver.controller.open_workspace not in (None, before))
    assert driver.open_workspace.filter.wanted == Filter()
    assert len(driver.open_workspace.browser.arrangement) == 6
