"""A laboratory makes the labels its own: an attribute by two keys, and a class that it adds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.hands import Script, modal, play, press, write
from tests.journeys.reviewer import READER, Reviewer
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import imported, patient_folder
from wbc_desktop.gui.taxonomy.taxonomy_dialogs import NewClassDialog
from wbc_desktop.gui.taxonomy.taxonomy_editor import TaxonomyEditor
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.settings import Settings, default_file
from wbc_desktop.store.workspace import Workspace

pytestmark = pytest.mark.needs_display


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Six cells on two slides, classified; the reader's name is known."""
    Settings(default_file()).set("reader", READER)
    with Workspace.open(tmp_path / "workspace", create=True) as made:
        imported(Session(made, reader=READER, taxonomy=TAXONOMY), patient_folder(tmp_path))
    return tmp_path / "workspace"


def attributes(reader: Reviewer) -> set[str]:
    """All attributes that any cell carries."""
    carried = reader.open_workspace.workspace.catalogue.reviews.attributes_for()
    return {own_id for ids in carried.values() for own_id in ids}


def mark_the_first_cell(reader: Reviewer) -> Script:
    """Say with A and a letter that it shows vacuoles and Döhle bodies; no class key acts."""
    press("g", "Home")
    yield lambda: len(reader.window.gallery.selected_ids()) == 1
    for letter, own_id in (("v", "vacuoles"), ("d", "dohle_bodies")):
        press("a")
        yield lambda: reader.open_workspace.attributes.menu is not None
        yield (
            lambda: (menu := reader.open_workspace.attributes.menu) is not None and menu.isVisible()
        )
        press(letter)
        yield lambda: own_id in attributes(reader)  # noqa: B023 - asked before the next turn
        yield lambda: reader.open_workspace.attributes.menu is None


def add_a_class(reader: Reviewer) -> Script:
    """Open the editor with Ctrl+T, add a class with the keyboard, and close it."""
    press("ctrl+t")
    yield (
        lambda: (
            (found := reader.window.findChild(TaxonomyEditor)) is not None
            and found.isActiveWindow()
        )
    )
    editor(reader).add.setFocus()
    press("space")
    yield lambda: isinstance(dialog := modal(), NewClassDialog) and dialog.form.name.hasFocus()
    write("Hairy cell")
    press("Return")
    yield lambda: modal() is None and "hairy_cell" in reader.open_workspace.session.taxonomy.by_id
    yield lambda: reader.window.commands.has_label("hairy_cell")
    press("Escape")
    yield lambda: not editor(reader).isVisible() and reader.window.isActiveWindow()


def editor(reader: Reviewer) -> TaxonomyEditor:
    """The editor, once it was opened."""
    found = reader.window.findChild(TaxonomyEditor)
    assert found is not None
    return found


def test_an_attribute_and_a_class_of_ones_own(
    start: Callable[[Path], Reviewer], workspace: Path
) -> None:
    reader = start(workspace)
    play(mark_the_first_cell(reader))
    assert attributes(reader) == {"vacuoles", "dohle_bodies"}
    assert not reader.open_workspace.workspace.catalogue.reviews.reviews_for()
    play(add_a_class(reader))
    reader.close()

    again = start(workspace)
    assert again.window.commands.label("hairy_cell").text() == "HAI  Hairy cell"
    assert attributes(again) == {"vacuoles", "dohle_bodies"}
    again.close()
    with Workspace.open(workspace) as opened:
        assert verify(opened, TAXONOMY).problems == ()
