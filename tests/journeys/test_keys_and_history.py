"""A reader without a mouse: the palette, a key of their own, and an old bulk step taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.hands import Script, modal, play, press, write
from tests.journeys.reviewer import READER, Reviewer
from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import imported, patient_folder
from wbc_desktop.gui.commands.command_palette import CommandPalette
from wbc_desktop.gui.commands.keys_dialog import KeyRecorder, KeysDialog
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


def labels(reader: Reviewer) -> list[str]:
    """The human labels, in the order of the gallery; empty where there is none."""
    shown = reader.window.gallery.scene.model.cell_ids().tolist()
    reviews = reader.open_workspace.workspace.catalogue.reviews.reviews_for(shown)
    return [reviews[i].label if i in reviews else "" for i in shown]


def flagged(reader: Reviewer) -> bool:
    """Whether any cell is flagged."""
    return bool(reader.open_workspace.workspace.catalogue.reviews.flagged())


def from_palette(reader: Reviewer, words: str) -> Script:
    """Run a command by a few of its letters."""
    palette = reader.window.findChild(CommandPalette)
    assert palette is not None
    press("ctrl+k")
    yield lambda: palette.isVisible() and not reader.window.gallery.hasFocus()
    write(words)
    yield lambda: 0 < len(palette.titles()) < 5
    press("Return")
    yield palette.isHidden


def label_all(reader: Reviewer) -> Script:
    """Label every cell as a monocyte in one step, and flag one from the palette."""
    press("g", "Home", "ctrl+a", "ctrl+a")
    yield lambda: len(reader.window.gallery.selected_ids()) == 6
    press("4")
    yield lambda: set(labels(reader)) == {"monocyte"}
    press("g", "Home")
    yield lambda: len(reader.window.gallery.selected_ids()) == 1
    yield from from_palette(reader, "flag or")
    yield lambda: flagged(reader)


def change_key_of_flag(reader: Reviewer) -> Script:
    """Give “Flag or unflag” the key F7."""
    yield from from_palette(reader, "change keys")
    yield lambda: isinstance(dialog := modal(), KeysDialog) and dialog.isActiveWindow()
    dialog = modal()
    assert isinstance(dialog, KeysDialog)
    recorder = dialog.findChild(KeyRecorder)
    assert recorder is not None
    write("flag or")
    yield lambda: len(dialog.shown()) == 1
    press("Tab", "Return")
    yield lambda: recorder.waiting
    press("F7")
    yield lambda: dialog.shown() == [("Flag or unflag", "F7")]
    press("Escape")
    yield lambda: modal() is None and reader.window.isActiveWindow()


def take_back_the_bulk_step(reader: Reviewer) -> Script:
    """Unflag with the new key, label one cell anew, then take back what was said of all."""
    press("g", "Home", "F7")
    yield lambda: not flagged(reader)
    press("8")
    yield lambda: labels(reader).count("blast") == 1
    press("h")
    yield lambda: (dialog := reader.open_workspace.history.dialog) and dialog.isActiveWindow()
    dialog = reader.open_workspace.history.dialog
    assert dialog is not None
    yield lambda: dialog.model.rowCount() == 4 and dialog.scope
    press("Down", "Down", "Down")
    yield lambda: "takes back 5 of 6 cells. 1 was changed since" in dialog.scope
    press("alt+u")
    yield lambda: sorted(labels(reader)) == ["", "", "", "", "", "blast"]
    press("Escape")
    yield lambda: modal() is None and reader.window.isActiveWindow()
    press("ctrl+z")
    yield lambda: labels(reader).count("monocyte") == 5


def test_a_reader_works_with_keys_of_their_own_and_takes_back_an_old_step(
    start: Callable[[Path | None], Reviewer], workspace: Path
) -> None:
    reader = start(workspace)
    play(label_all(reader))
    play(change_key_of_flag(reader))
    reader.close()

    again = start(workspace)
    play(take_back_the_bulk_step(again))
    again.close()
    with Workspace.open(workspace) as closed:
        assert verify(closed, TAXONOMY).ok
