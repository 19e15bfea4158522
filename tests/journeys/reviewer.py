"""A reader at the window: real keys and a real mouse, through the X server.

``Reviewer`` builds the application as ``app.py`` does, finds out where things stand on the screen,
and sends X events with xdotool. Nothing is called that a person could not do; the state is only
read, to know where to point and when something has happened.

Each act is a small script, a generator: it sends events and yields a condition to wait for. A
timer moves it on, so that it also goes on inside a dialog or a drag, where Qt runs a loop of its
own. To add an act, write such a script and ``play`` it.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QEventLoop, QPoint, QRect, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QWidget

from wbc_desktop import app as composition
from wbc_desktop.gui.desk import Desk
from wbc_desktop.gui.gallery.scene import Part
from wbc_desktop.gui.import_dialog import ImportDialog
from wbc_desktop.store.records import CellRecord

Condition: TypeAlias = Callable[[], object]
Script: TypeAlias = Iterator[Condition]

TICK_MS = 15
PATIENCE_S = 60.0
DRAG_STEPS = 8
READER = "A. Maier"  # typed when the window asks for a name


class Reviewer:
    """One run of the program, from start to close.

    Args:
        app: The application.
        workspace: Opened at start, made if it is not there; None for a start without arguments.
    """

    def __init__(self, app: QApplication, workspace: Path | None) -> None:
        self.window, self._workbench = composition.build(app)
        self.window.painted.connect(
            lambda: QTimer.singleShot(0, lambda: self._workbench.start(workspace, demo=False))
        )
        self.window.showMaximized()
        self.play(self._until(lambda: self.window.isActiveWindow() and self._workbench.desk))

    # What a reader sees

    @property
    def desk(self) -> Desk:
        """The open workspace."""
        assert self._workbench.desk is not None
        return self._workbench.desk

    @property
    def busy(self) -> bool:
        """True while something is imported or classified."""
        return self.desk.importing.running or self.desk.classify.running

    @property
    def says(self) -> str:
        """The line below the gallery."""
        return self.window.notice.text

    def cells(self) -> dict[str, CellRecord]:
        """Every cell by its path in the imported folder."""
        return {row.image_path: row for row in self.desk.workspace.catalogue.export_rows()}

    def n_events(self) -> int:
        """How many events the log holds."""
        return self.desk.workspace.catalogue.head()[0]

    # What a reader does

    def import_folder(self, folder: Path) -> None:
        """Import a patient's folder with Ctrl+I and wait until its cells are classified."""

        def script() -> Script:
            press("ctrl+i")
            yield from self._answer_file_dialog(folder)
            yield (
                lambda: (
                    isinstance(dialog := modal(), ImportDialog)
                    and (dialog.import_button.isEnabled() and dialog.import_button.hasFocus())
                )
            )
            press("Return")
            yield lambda: modal() is None and self.window.isActiveWindow()
            yield lambda: not self.busy and all(c.predicted for c in self.cells().values())

        self.play(script())

    def try_the_demo(self) -> None:
        """Click the button of the welcome page and wait until the demo's cells are classified."""
        button = self.window.welcome.demo_button

        def script() -> Script:
            yield button.isVisible
            mouse("mousemove", on_screen(button, button.rect().center()), "click", "1")
            yield lambda: self.cells() and not self.busy
            yield lambda: all(cell.predicted for cell in self.cells().values())

        self.play(script())

    def label_by_key(self, cell: CellRecord, key: str) -> None:
        """Click a cell and press the key of a class."""

        def script() -> Script:
            yield from self._click(cell)
            press(key.lower())  # xdotool holds Shift for a capital

        self._act(script())

    def drag_to_palette(self, cell: CellRecord, class_id: str) -> None:
        """Drag a cell onto a class below the gallery."""
        button = self.window.classes.button(class_id)
        self._act(self._drag(cell, lambda: on_screen(button, button.rect().center())))

    def drag_to_another_group(self, cell: CellRecord) -> str:
        """Drag a cell onto the header of another group in view; return that group's class."""
        chosen: list[str] = []

        def target() -> QPoint:
            class_id, place = self._another_header(cell)
            chosen.append(class_id)
            return place

        self._act(self._drag(cell, target))
        return chosen[0]

    def undo(self) -> None:
        """Press Ctrl+Z and wait until it is recorded."""
        self._act(self._keys("ctrl+z"))

    def export_cells(self, csv: Path) -> None:
        """Export with Ctrl+E."""

        def script() -> Script:
            press("ctrl+e")
            yield from self._answer_file_dialog(csv)
            yield csv.exists

        self._act(script())

    def close(self) -> None:
        """Quit with Ctrl+Q."""

        def script() -> Script:
            press("ctrl+q")
            yield lambda: not self.window.isVisible()

        self.play(script())

    def leave(self) -> None:
        """Free the window; close it first if a failed journey left it open."""
        self.window.close()
        self.window.deleteLater()

    def play(self, script: Script) -> None:
        """Run a script while the application lives on; fail if it gets stuck."""
        _Player(script).run()

    # How it is done

    def _act(self, script: Script) -> None:
        """Play a script that ends in an event of the log, after the reader's name if asked."""
        before = self.n_events()

        def whole() -> Script:
            yield from script
            yield lambda: self.n_events() > before or isinstance(modal(), QInputDialog)
            if self.n_events() == before:
                yield from self._give_name()
                yield lambda: self.n_events() > before

        self.play(whole())

    def _until(self, condition: Condition) -> Script:
        yield condition

    def _keys(self, *keys: str) -> Script:
        yield self.window.isActiveWindow
        press(*keys)

    def _give_name(self) -> Script:
        yield lambda: isinstance(dialog := modal(), QInputDialog) and dialog.isActiveWindow()
        write(READER)
        press("Return")
        yield lambda: modal() is None and self.window.isActiveWindow()

    def _answer_file_dialog(self, path: Path) -> Script:
        yield lambda: isinstance(dialog := modal(), QFileDialog) and dialog.isActiveWindow()
        write(str(path))
        yield (
            lambda: (
                isinstance(dialog := modal(), QFileDialog)
                and (path.name in dialog.selectedFiles()[0])
            )
        )
        press("Return")

    def _click(self, cell: CellRecord) -> Script:
        yield from self._bring_into_view(cell)
        mouse("mousemove", self._tile(cell).center(), "click", "1")
        yield lambda: self.window.gallery.selected_ids() == [cell.id]

    def _bring_into_view(self, cell: CellRecord) -> Script:
        """Turn the wheel over the gallery until a tile is wholly to be seen."""
        gallery = self.window.gallery
        view = gallery.viewport()
        while True:
            tile = self._tile(cell)
            header = gallery.scene.style.metrics.header
            clear = QRect(on_screen(view, QPoint(0, 0)), view.size()).adjusted(0, header, 0, 0)
            if clear.contains(tile):
                return
            offset = gallery.offset
            button = "4" if tile.top() < clear.top() else "5"
            mouse("mousemove", on_screen(view, view.rect().center()), "click", button)
            yield partial(_differs, lambda: gallery.offset, offset)

    def _drag(self, cell: CellRecord, target: Callable[[], QPoint]) -> Script:
        yield from self._bring_into_view(cell)
        start, end = self._tile(cell).center(), target()
        mouse("mousemove", start, "mousedown", "1")
        for step in range(1, DRAG_STEPS + 1):
            mouse("mousemove", start + (end - start) * (step / DRAG_STEPS))
            yield lambda: True
        mouse("mouseup", "1")

    def _tile(self, cell: CellRecord) -> QRect:
        """Where a cell stands on the screen."""
        gallery = self.window.gallery
        rect = gallery.rect_in_view(gallery.scene.model.position_of(cell.id))
        return QRect(on_screen(gallery.viewport(), rect.topLeft()), rect.size())

    def _another_header(self, cell: CellRecord) -> tuple[str, QPoint]:
        """The lowest header in view that is not of the cell's own group: its class and place."""
        gallery, view = self.window.gallery, self.window.gallery.viewport()
        scene = gallery.scene
        own = scene.ordinal(scene.layout.section_of(scene.model.position_of(cell.id)))
        for y in reversed(range(view.height())):
            point = QPoint(view.width() // 2, y)
            hit = scene.hit(point, scroll=gallery.offset)
            if hit.part is Part.HEADER and hit.ordinal != own:
                return scene.model.taxonomy.classes[hit.ordinal].id, on_screen(view, point)
        raise LookupError("no other group's header is in view")


class _Player:
    """Moves a script on by a timer, inside whatever loop Qt runs at the moment."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._condition: Condition = lambda: True
        self._error: Exception | None = None
        self._loop = QEventLoop()
        self._until = time.monotonic() + PATIENCE_S

    def run(self) -> None:
        timer = QTimer(self._loop)
        timer.timeout.connect(self._tick)
        timer.start(TICK_MS)
        self._loop.exec()
        timer.stop()
        if self._error is not None:
            raise self._error

    def _tick(self) -> None:
        try:
            if self._condition():
                self._condition = next(self._script)
            elif time.monotonic() > self._until:
                self._end(TimeoutError(f"still waiting for {self._where()}"))
        except StopIteration:
            self._end(None)
        except Exception as error:  # noqa: BLE001 - raised again in run, outside Qt
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._error = error
        dialog = modal()
        if error is not None and dialog is not None:
            dialog.reject()
        self._loop.quit()

    def _where(self) -> str:
        code = self._condition.__code__ if hasattr(self._condition, "__code__") else None
        return f"{code.co_qualname}, line {code.co_firstlineno}" if code else repr(self._condition)


def modal() -> QDialog | None:
    """The dialog that holds the keyboard, or None."""
    widget = QApplication.activeModalWidget()
    return widget if isinstance(widget, QDialog) else None


def _differs(value: Callable[[], int], before: int) -> bool:
    return value() != before


def on_screen(widget: QWidget, point: QPoint) -> QPoint:
    """A point of a widget in the screen's coordinates."""
    return widget.mapToGlobal(point)


def press(*keys: str) -> None:
    """Press keys or chords, such as ``ctrl+z``."""
    _xdotool("key", *keys)


def write(text: str) -> None:
    """Type a line."""
    _xdotool("type", "--delay", "1", text)


def mouse(*words: str | QPoint) -> None:
    """Send mouse commands; a point stands for its two numbers."""
    flat: list[str] = []
    for word in words:
        flat += [word] if isinstance(word, str) else [str(word.x()), str(word.y())]
    _xdotool(*flat)


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True, timeout=20)
