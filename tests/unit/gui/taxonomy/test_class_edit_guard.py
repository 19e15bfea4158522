"""Classes that change while cells are imported and classified: the work goes on to its end."""

from pathlib import Path

import pytest

from tests.unit import drawn_crops
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.audit.changes import Kind
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.edits import NewClass
from wbc_desktop.gui.taxonomy.taxonomy_editor import TaxonomyEditor
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.taxonomy_commands import AddClass
from wbc_desktop.services.support.demo import DemoFolder
from wbc_desktop.store.workspace import Workspace

HAIRY = AddClass(NewClass(name="Hairy cell", code="HCL", hotkey="B"))
N = 20


def importing(driver: Driver, folder: Path) -> None:
    """Begin an import of ``N`` crops."""
    names = (f"cell_{i:04d}.png" for i in range(N))
    drawn_crops.write(folder, {name: drawn_crops.png(i) for i, name in enumerate(names, start=50)})
    driver.open_workspace.importing.begin([folder])
    dialog = driver.open_workspace.importing.dialog
    assert dialog is not None
    driver.until(dialog.import_button.isEnabled)
    dialog.import_button.click()
    assert driver.open_workspace.importing.running


def left(driver: Driver) -> bool:
    return not driver.open_workspace.guard.busy


@pytest.fixture
def changed(driver: Driver) -> Driver:
    """The window of a reader who has just added a class."""
    before = driver.open_workspace
    driver.open_workspace.session.do(HAIRY)
    driver.until(lambda: driver.controller.open_workspace not in (None, before))
    return driver


def test_undo_and_redo_of_classes_wait_for_an_import(changed: Driver, tmp_path: Path) -> None:
    importing(changed, tmp_path / "P-9")
    open_workspace = changed.open_workspace
    changed.press("Ctrl+Z")
    assert "cannot be changed while cells are imported" in str(changed.answers.errors[-1])
    changed.until(lambda: left(changed))
    assert changed.open_workspace is open_workspace
    assert {p.code for p in open_workspace.workspace.catalogue.patients.all()} == {"P-7", "P-9"}
    assert (open_workspace.browser.index.predicted >= 0).all()
    changed.press("Ctrl+Z")
    changed.until(lambda: not changed.window.commands.has_label("hairy_cell"))
    changed.open_workspace.importing.begin([tmp_path / "P-9"])
    assert changed.open_workspace.importing.running
    changed.press("Ctrl+Shift+Z")
    assert "cannot be changed while cells are imported" in str(changed.answers.errors[-1])
    changed.press("Ctrl+.")


def test_the_editor_says_so_below_the_fields(changed: Driver, tmp_path: Path) -> None:
    changed.press("Ctrl+T")
    editor = changed.window.findChild(TaxonomyEditor)
    assert isinstance(editor, TaxonomyEditor)
    changed.open_workspace.importing.begin([tmp_path / "P-7"])
    editor.undo_asked.emit()
    assert "cannot be changed while cells are imported" in editor.said
    assert "hairy_cell" in changed.open_workspace.session.taxonomy.by_id
    changed.press("Ctrl+.")


def test_a_label_is_undone_during_an_import(driver: Driver, tmp_path: Path) -> None:
    driver.choose(1)
    driver.press("8")
    driver.open_workspace.importing.begin([tmp_path / "P-7"])
    assert driver.open_workspace.guard.busy
    driver.press("Ctrl+Z")
    assert driver.answers.errors == []
    assert driver.label_of(1) is None
    driver.press("Ctrl+.")


def test_classes_of_another_program_wait_for_import_and_classification(
    driver: Driver, workspace_of_six: Path, tmp_path: Path
) -> None:
    driver.choose(1)
    open_workspace = driver.open_workspace
    importing(driver, tmp_path / "P-9")
    with Workspace.open(workspace_of_six) as workspace:
        other = Session(workspace, reader="Zoë", taxonomy=TAXONOMY)
        other.do(HAIRY)
        other.do(Relabel((1,), "hairy_cell", ReviewMode.SINGLE))
    driver.window.came_to_front.emit()
    assert driver.window.inspector.label_text == "● hairy_cell"
    driver.until(lambda: driver.controller.open_workspace not in (None, open_workspace))
    assert {p.code for p in driver.open_workspace.workspace.catalogue.patients.all()} == {
        "P-7",
        "P-9",
    }
    assert len(driver.open_workspace.browser.index) == 6 + N
    assert (driver.open_workspace.browser.index.predicted >= 0).all()
    assert driver.window.inspector.label_text == "● HCL  Hairy cell"


def test_the_demo_is_being_imported_until_its_last_cell_is_in(
    driver: Driver, tmp_path: Path
) -> None:
    demo = DemoFolder(tmp_path / "demo")
    drawn_crops.write(demo.patient, {f"{i:02d}.png": drawn_crops.png(80 + i) for i in range(N)})
    importing, seen = driver.open_workspace.importing, list[tuple[Kind, bool]]()
    driver.open_workspace.session.subscribe(
        lambda changes: seen.append((changes.kinds, importing.running))
    )
    importing.import_demo(demo)
    driver.until(lambda: bool(seen))
    assert seen[0] == (Kind.PATIENTS, True)
