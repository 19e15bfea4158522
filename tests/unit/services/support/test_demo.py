"""The demo's folder: begun anew each time, and never at the cost of somebody's files."""

from pathlib import Path

import pytest

from tests.unit.services.small_workspace import add_cells, new_workspace
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.attribute_commands import DefineAttribute
from wbc_desktop.services.session.commands import SetNote, UserCommand
from wbc_desktop.services.support.demo import MARKER, DemoFolder
from wbc_desktop.store.workspace import Workspace


def test_a_demo_begins_its_own_folder_anew(tmp_path: Path) -> None:
    demo = DemoFolder(tmp_path / "new" / "demo")
    demo.begin()
    steps = demo.render()
    assert next(steps) == (1, 200)
    steps.close()
    Workspace.open(demo.workspace, create=True).close()
    demo.report.write_text("earlier")
    demo.begin()
    assert not demo.patient.exists()
    assert not demo.workspace.exists()
    assert (demo.folder / MARKER).is_file()


def test_the_names_of_the_files_do_not_tell_the_class(tmp_path: Path) -> None:
    demo = DemoFolder(tmp_path / "demo")
    demo.begin()
    steps = demo.render()
    for _ in range(3):
        next(steps)
    names = sorted(path.name for path in demo.patient.rglob("*.jpg"))
    assert names == ["cell_001.jpg", "cell_002.jpg", "cell_003.jpg"]


NOTE = SetNote(1, "mine")
ATTRIBUTE = DefineAttribute("Giant granules", "G")


@pytest.mark.parametrize("act", [NOTE, ATTRIBUTE], ids=["note", "own attribute"])
def test_a_demo_that_somebody_worked_on_is_left_alone(tmp_path: Path, act: UserCommand) -> None:
    demo = DemoFolder(tmp_path / "demo")
    demo.begin()
    session = new_workspace(demo.workspace)
    with session.workspace:
        add_cells(session, range(3))
        session.do(act)
    with pytest.raises(UserError, match="somebody's labels, notes"):
        demo.begin()
    assert demo.workspace.is_dir()


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="not made by a demo"):
        DemoFolder(tmp_path).begin()
    assert (tmp_path / "workspace" / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / MARKER).exists()
