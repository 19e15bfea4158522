"""The main job as a technician does it: keys and mouse, the program looked at from outside."""

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

from smoke_desktop import Desktop, SmokeError, await_that
from smoke_workspace import SeenWorkspace

HERE = Path(__file__).resolve().parent
ENTRY = Path("/usr/share/applications/wbc-desktop.desktop")
READER = "A. Maier"
KEYS = {"monocyte": "4", "blast": "8"}
ACCEPTED = 14
_TRAINING_S = 1200.0  # seconds on an idle computer, minutes on a busy one


class MainJob:
    """Import, correct, adapt, export.

    Args:
        desktop: Where the person sits.
        patient: Folder of crops.
        size: Of the screen.
    """

    def __init__(self, desktop: Desktop, patient: Path, *, size: str) -> None:
        self._desktop, self._patient = desktop, patient
        self._window = ""
        self._seen = SeenWorkspace(desktop.home, size=size)
        self._out = desktop.home / "reviewed.csv"

    @property
    def steps(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        """Name and act of each step, in order; an act returns a line about it."""
        return (
            ("start from the desktop entry", self.start),
            ("import a patient folder", self.bring_in),
            ("correct a cell by key", self.correct_by_key),
            ("correct a cell by drag", self.correct_by_drag),
            ("accept cells by key", self.accept),
            ("adapt to the site", self.adapt),
            ("export the CSV", self.export),
            ("close and open the workspace by its file", self.open_again),
            ("the log agrees with every label", self.verify),
        )

    def start(self) -> str:
        """Start it as a double click does."""
        started = time.monotonic()
        self._desktop.launch("gio", "launch", ENTRY)
        self._await_window()
        seconds = time.monotonic() - started
        time.sleep(4)
        self._desktop.photograph("first-start")
        return f"its window is there after {seconds:.1f} s"

    def bring_in(self) -> str:
        """Import the folder and wait until its cells are classified."""
        self._desktop.press("ctrl+i")
        self._answer_file_dialog(self._patient)
        self._await_dialog("the dry run")
        time.sleep(1)
        self._desktop.photograph("dry-run")
        self._confirm()
        await_that(self._seen.find, "a workspace is made")
        await_that(self._seen.all_classified, "every cell is classified")
        time.sleep(2)
        self._desktop.photograph("classified")
        return f"{self._seen.count('cell')} cells classified"

    def correct_by_key(self) -> str:
        """Click a cell and press the key of a class."""
        cell, place = self._a_cell(besides="monocyte")
        self._desktop.click(place)
        self._desktop.press(KEYS["monocyte"])
        self._give_name()
        self._await_label(cell, "monocyte")
        self._desktop.photograph("corrected-by-key")
        return f"cell {cell} is a monocyte"

    def correct_by_drag(self) -> str:
        """Drag a cell onto a class."""
        cell, place = self._a_cell(besides="basophil")
        self._desktop.drag(place, self._seen.places()["classes"]["basophil"])
        self._await_label(cell, "basophil")
        self._desktop.photograph("corrected-by-drag")
        return f"cell {cell} is a basophil"

    def accept(self) -> str:
        """Accept the cells that follow, one by one."""
        _, place = self._a_cell(besides="")
        self._desktop.click(place)
        for _ in range(3 * ACCEPTED):
            self._desktop.press("space")
            if self._seen.count("review") >= ACCEPTED:
                break
        await_that(lambda: self._seen.count("review") >= ACCEPTED, "the cells are accepted")
        self._desktop.photograph("accepted")
        return f"{self._seen.count('review')} cells reviewed"

    def adapt(self) -> str:
        """Adapt the model and wait for the verdict."""
        self._desktop.press("ctrl+shift+a")
        await_that(
            lambda: self._seen.events("model_registered"),
            "the candidate is judged",
            patience_s=_TRAINING_S,
        )
        time.sleep(2)
        self._desktop.photograph("adapted")
        if len(self._desktop.windows()) > 1 and self._desktop.active() != self._window:
            raise SmokeError("the training opened a window of its own")
        (told, *_) = self._seen.events("model_registered")
        return f"candidate {told.get('model_id', told.get('model', ''))}"

    def export(self) -> str:
        """Export the table of cells."""
        self._desktop.press("ctrl+e")
        self._answer_file_dialog(self._out)
        await_that(self._out.exists, "the CSV is there")
        time.sleep(1)
        self._desktop.photograph("exported")
        with self._out.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        human = [row for row in rows if row["label_source"] == "human"]
        if len(rows) != self._seen.count("cell") or len(human) != self._seen.count("review"):
            raise SmokeError(f"{len(rows)} rows, {len(human)} of them a person's")
        if any(row["reviewer_id"] != READER for row in human):
            raise SmokeError("a label has another reader")
        return f"{len(rows)} rows, {len(human)} of them labelled by {READER}"

    def open_again(self) -> str:
        """Close the window, then open the workspace's file as a double click does."""
        self.close()
        self._desktop.launch("gio", "open", self._seen.folder / "workspace.wbc")
        self._await_window()
        time.sleep(4)
        self._desktop.photograph("opened-again")
        return f"{self._seen.count('review')} of {self._seen.count('cell')} cells reviewed"

    def verify(self) -> str:
        """Let the command line check the log."""
        done = self._desktop.run("wbc", "verify", "--workspace", self._seen.folder, "--json")
        self.close()
        return f"{json.loads(done.stdout)['events']} events"

    def _await_window(self) -> None:
        await_that(self._desktop.windows, "a window opens")
        (self._window, *_) = self._desktop.windows()
        await_that(lambda: self._desktop.active() == self._window, "the window is active")

    def _await_dialog(self, what: str) -> None:
        await_that(lambda: self._desktop.active() not in {"", self._window}, what)
        time.sleep(0.6)

    def _answer_file_dialog(self, path: Path) -> None:
        self._await_dialog("the file dialog opens")
        dialog = self._desktop.active()
        self._desktop.press("ctrl+a")
        # xdotool loses letters that are on no key; the home folder is full of them.
        self._desktop.write(f"~/{path.relative_to(self._desktop.home)}")
        time.sleep(1)
        self._desktop.press("Return")
        await_that(lambda: self._desktop.active() != dialog, "the file dialog closes")

    def _confirm(self) -> None:
        """Press Return until the dialog takes it: its button waits for the dry run."""

        def closed() -> bool:
            if self._desktop.active() == self._window:
                return True
            self._desktop.press("Return")
            time.sleep(1)
            return self._desktop.active() == self._window

        await_that(closed, "the import begins")

    def _give_name(self) -> None:
        """Answer the question for the reader's name."""
        self._await_dialog("the question for the name")
        self._desktop.press("ctrl+a")
        self._desktop.write(READER)
        self._desktop.press("Return")
        await_that(lambda: self._desktop.active() == self._window, "the name is taken")

    def close(self) -> None:
        """Quit with the keys."""
        self._desktop.press("ctrl+q")
        await_that(lambda: not self._desktop.windows(), "the window closes")

    def _a_cell(self, *, besides: str) -> tuple[int, tuple[int, int]]:
        """Return a cell in view that nobody reviewed and that is not of a class, and its place."""
        labelled = dict(self._seen.rows("SELECT cell_id, label FROM review"))
        for cell, place in sorted(
            self._seen.places()["tiles"].items(), key=lambda item: item[1][::-1]
        ):
            if int(cell) not in labelled and self._seen.predicted(int(cell)) != besides:
                return int(cell), tuple(place)
        raise SmokeError("no cell in view is left to be labelled")

    def _await_label(self, cell: int, label: str) -> None:
        query = f"SELECT label FROM review WHERE cell_id = {cell:d}"  # noqa: S608
        await_that(lambda: self._seen.rows(query) == [(label,)], f"cell {cell} is a {label}")
        time.sleep(1)
