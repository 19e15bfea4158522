"""The first minute in a lab: a tour, a drop from the file manager, settings, and after a crash."""

import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QSpinBox, QWidget

from tests.journeys import drag_source
from tests.journeys.gallery_map import on_screen
from tests.journeys.hands import Script, modal, mouse, play, press, until, write
from tests.journeys.reviewer import Reviewer
from wbc_desktop import paths
from wbc_desktop.gui.help.crash_dialog import CrashDialog
from wbc_desktop.gui.settings.settings_dialog import SettingsDialog
from wbc_desktop.gui.transfer.import_dialog import ImportDialog

STEPS = 40  # of the mouse, most of them over the place of the drop

pytestmark = pytest.mark.needs_display


@contextmanager
def other_program(*dragged: Path) -> Iterator["subprocess.Popen[str]"]:
    """A window of another program from which files can be dragged."""
    command = [sys.executable, drag_source.__file__, *map(str, dragged)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        yield program
        program.kill()


def drop(reader: Reviewer, onto: QWidget, *dragged: Path) -> ImportDialog:
    """Drag files from another program onto a part of the window; return the dry run."""
    start = drag_source.PLACE + QPoint(drag_source.SIZE, drag_source.SIZE) / 2
    end = on_screen(onto, onto.rect().center())

    def script(program: "subprocess.Popen[str]") -> Script:
        said = program.stdout
        assert said is not None
        mouse("mousemove", start, "mousedown", "1")
        mouse("mousemove", start + QPoint(12, 0), "mousemove", start + QPoint(16, 0))
        yield lambda: select.select([said], [], [], 0)[0]  # the drag has begun there
        for step in range(1, STEPS + 1):  # both programs must see the drag come
            mouse("mousemove", start + (end - start) * min(1, 4 * step / STEPS) + QPoint(0, step))
            yield lambda: True
        mouse("mouseup", "1")
        yield lambda: isinstance(modal(), ImportDialog)
        yield lambda: isinstance(d := modal(), ImportDialog) and d.import_button.isEnabled()

    with other_program(*dragged) as program:
        play(script(program))
    dialog = modal()
    assert isinstance(dialog, ImportDialog)
    return dialog


def test_from_the_tour_through_a_drop_to_a_reviewed_cell(
    start: Callable[..., Reviewer], rendered_patient: Path, green_patient: Path
) -> None:
    newcomer = start(offers=True)
    window, card = newcomer.window, newcomer.tour_card
    play(until(lambda: "tour" in window.offers.text))
    press("alt+t")
    play(until(card.isVisible))
    press("Right")
    play(until(lambda: card.title == "Patients and slides"))
    press("Escape")
    play(until(lambda: not card.isVisible()))

    drop(newcomer, window.welcome, rendered_patient)
    newcomer.import_folder()
    assert len(newcomer.cells()) == 48
    cell = next(iter(newcomer.cells().values()))
    newcomer.label_by_key(cell, "5")
    review = newcomer.cells()[cell.image_path].review
    assert review is not None
    assert review.label == "eosinophil"

    dialog = drop(newcomer, window.gallery, green_patient)  # over cells, which take other drags
    assert "24 new cells" in dialog.summary
    press("Escape")
    play(until(lambda: modal() is None))
    newcomer.close()


def test_settings_are_found_and_changed_by_keyboard(
    start: Callable[..., Reviewer], tmp_path: Path
) -> None:
    reader = start(tmp_path / "ward 2")

    def script() -> Script:
        press("ctrl+comma")
        yield lambda: isinstance(d := modal(), SettingsDialog) and d.isActiveWindow()
        dialog = modal()
        assert isinstance(dialog, SettingsDialog)
        write("pixels")
        yield lambda: dialog.shown() == ["tile_size"]
        press("Tab")
        control = dialog.editors["tile_size"].control
        assert isinstance(control, QSpinBox)
        yield control.hasFocus
        press("ctrl+a")
        write("200")
        press("Tab")
        yield lambda: reader.window.gallery.tile_size == 200
        press("Escape")
        yield lambda: modal() is None

    play(script())
    reader.close()
    again = start()
    assert again.window.gallery.tile_size == 200
    again.close()


def test_after_a_crash_the_next_start_offers_a_report(start: Callable[..., Reviewer]) -> None:
    crashes = paths.log_dir() / "crashes"
    with subprocess.Popen([sys.executable, "-m", "wbc_desktop"]) as program:
        play(until(lambda: [*paths.default_workspace().glob("workspace.wbc")]))
        program.send_signal(signal.SIGSEGV)
    assert len([*crashes.iterdir()]) == 1
    reader = start(offers=True)
    play(until(lambda: "ended unexpectedly" in reader.window.offers.text))
    press("alt+s")
    play(until(lambda: isinstance(modal(), CrashDialog)))
    dialog = modal()
    assert isinstance(dialog, CrashDialog)
    assert "Fatal Python error: Segmentation fault" in dialog.words
    press("Escape")
    play(until(lambda: modal() is None))
    reader.close()
    again = start(offers=True)
    assert again.window.offers.text == ""
    again.close()
