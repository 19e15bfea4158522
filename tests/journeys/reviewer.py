"""A reader at the window: real keys and a real mouse.

``Reviewer`` builds the application as ``app.py`` does, finds out where things stand on the screen,
and acts through ``hands``. Nothing is called that a person could not do; the state is only read,
to know where to point and when something has happened. To add an act, write a script and play it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QInputDialog,
    QToolTip,
    QWidget,
)

from tests.journeys.gallery_map import GalleryMap, on_screen
from tests.journeys.hands import Script, modal, mouse, play, press, until, write
from wbc_desktop import app as composition
from wbc_desktop.gui.help.callout import Callout
from wbc_desktop.gui.transfer.import_dialog import ImportDialog
from wbc_desktop.gui.workspace_controller import WorkspaceController
from wbc_desktop.store.records import CellRecord

DRAG_STEPS = 8
READER = "A. Maier"  # typed when the window asks for a name


class Reviewer:
    """One run of the program, from start to close.

    Args:
        app: The application.
        workspace: Opened at start, made if it is not there; None for a start without arguments.
        offers: Whether the window offers what it offers by itself, such as the tour.
    """

    def __init__(self, app: QApplication, workspace: Path | None, *, offers: bool = False) -> None:
        self.window, self._controller = composition.build(app)

        def begin() -> None:
            self._controller.start(workspace, demo=False)
            if offers:
                self._controller.offers.begin()

        self.window.painted.connect(lambda: QTimer.singleShot(0, begin))
        self.window.showMaximized()
        self._map = GalleryMap(self.window.gallery)
        play(until(lambda: self.window.isActiveWindow() and self._controller.open_workspace))

    @property
    def open_workspace(self) -> WorkspaceController:
        """The open workspace."""
        assert self._controller.open_workspace is not None
        return self._controller.open_workspace

    @property
    def tour_card(self) -> Callout:
        """The card of the tour."""
        return self._controller.tour.card

    @property
    def busy(self) -> bool:
        """True while something is imported or classified."""
        return self.open_workspace.importing.running or self.open_workspace.classify.running

    def cells(self) -> dict[str, CellRecord]:
        """Every cell by its path in the imported folder."""
        return {row.image_path: row for row in self.open_workspace.workspace.catalogue.cells.all()}

    def n_events(self) -> int:
        """How many events the log holds."""
        return self.open_workspace.workspace.catalogue.events.head()[0]

    def import_folder(self, folder: Path | None = None) -> None:
        """Import a patient's folder with Ctrl+I and wait until its cells are classified.

        Args:
            folder: The patient's; None if the dry run is on the screen already.
        """

        def script() -> Script:
            if folder is not None:
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
            yield self._all_classified

        play(script())

    def try_the_demo(self) -> None:
        """Click the button of the welcome page and wait until the demo's cells are classified."""
        button = self.window.welcome.demo_button

        def script() -> Script:
            yield button.isVisible
            mouse("mousemove", on_screen(button, button.rect().center()), "click", "1")
            yield self._all_classified

        play(script())

    def label_by_key(self, cell: CellRecord, key: str) -> None:
        """Click a cell and press the key of a class."""

        def script() -> Script:
            yield from self._bring_into_view(cell)
            mouse("mousemove", self._map.tile(cell.id).center(), "click", "1")
            yield lambda: self.window.gallery.selected_ids() == [cell.id]
            press(key.lower())  # xdotool holds Shift for a capital

        self._act(script())

    def press_class_key(self, key: str) -> None:
        """Press the key of a class for whatever has the focus."""

        def script() -> Script:
            yield self.window.isActiveWindow
            press(key.lower())

        self._act(script())

    def drag_to_palette(self, cell: CellRecord, class_id: str) -> None:
        """Drag a cell onto a class below the gallery."""
        button = self.window.classes.button(class_id)
        self._act(self._drag(cell, lambda: on_screen(button, button.rect().center())))

    def drag_to_another_group(self, cell: CellRecord) -> str:
        """Drag a cell onto the header of another group in view; return that group's class."""
        chosen: list[str] = []

        def target() -> QPoint:
            class_id, place = self._map.another_header(cell.id)
            chosen.append(class_id)
            return place

        self._act(self._drag(cell, target))
        return chosen[0]

    def undo(self) -> None:
        """Press Ctrl+Z and wait until it is recorded."""

        def script() -> Script:
            yield self.window.isActiveWindow
            press("ctrl+z")

        self._act(script())

    def export_cells(self, csv: Path) -> None:
        """Export with Ctrl+E."""

        def script() -> Script:
            press("ctrl+e")
            yield from self._answer_file_dialog(csv)
            yield csv.exists

        self._act(script())

    def rest_on(self, cell: CellRecord) -> str:
        """Rest the mouse on a cell until its tool tip is there; return what it says."""

        def script() -> Script:
            yield from self._bring_into_view(cell)
            centre = self._map.tile(cell.id).center()
            mouse("mousemove", centre, "mousemove", centre + QPoint(2, 2))
            yield QToolTip.isVisible

        play(script())
        return QToolTip.text()

    def click(self, button: QAbstractButton) -> None:
        """Click a button and wait until it is gone."""

        def script() -> Script:
            mouse("mousemove", on_screen(button, button.rect().center()), "click", "1")
            yield lambda: not button.isVisible()

        play(script())

    def close(self) -> None:
        """Quit with Ctrl+Q."""

        def script() -> Script:
            press("ctrl+q")
            yield lambda: not self.window.isVisible()

        play(script())

    def leave(self) -> None:
        """Free the window; close it first if a failed journey left it open."""
        self.window.close()
        self.window.deleteLater()

    def _act(self, script: Script) -> None:
        """Play a script that ends in an event of the log, after the reader's name if asked."""
        before = self.n_events()

        def whole() -> Script:
            yield from script
            yield lambda: self.n_events() > before or isinstance(modal(), QInputDialog)
            if self.n_events() == before:
                yield from _give_name(self.window)
                yield lambda: self.n_events() > before

        play(whole())

    def _all_classified(self) -> bool:
        if self.busy:
            return False
        cells = self.cells().values()
        return bool(cells) and all(cell.predicted for cell in cells)

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

    def _bring_into_view(self, cell: CellRecord) -> Script:
        """Turn the wheel over the gallery until a tile is wholly to be seen."""
        while way := self._map.way_to(cell.id):
            before = self._map.offset
            mouse("mousemove", self._map.middle, "click", "4" if way < 0 else "5")
            yield partial(self._scrolled_from, before)

    def _scrolled_from(self, offset: int) -> bool:
        return self._map.offset != offset

    def _drag(self, cell: CellRecord, target: Callable[[], QPoint]) -> Script:
        yield from self._bring_into_view(cell)
        start, end = self._map.tile(cell.id).center(), target()
        mouse("mousemove", start, "mousedown", "1")
        for step in range(1, DRAG_STEPS + 1):
            mouse("mousemove", start + (end - start) * (step / DRAG_STEPS))
            yield lambda: True
        mouse("mouseup", "1")


def _give_name(window: QWidget) -> Script:
    yield lambda: isinstance(dialog := modal(), QInputDialog) and dialog.isActiveWindow()
    write(READER)
    press("Return")
    yield lambda: modal() is None and window.isActiveWindow()
