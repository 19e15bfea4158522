"""A driver for tests of the window: the real application on a real workspace of drawn crops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.unit import drawn_crops
from tests.unit.filled_workspace import predictions
from tests.unit.gui.patient_bot import PATIENCE_MS
from wbc_desktop.app import build
from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.workspace_controller import WorkspaceController
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.session.session import Session

if TYPE_CHECKING:
    from wbc_desktop.gui.main_controller import MainController
    from wbc_desktop.gui.main_window import MainWindow

LABELS = ("lymphocyte", "monocyte", "neutrophil_segmented")


@dataclass
class Answers:
    """Answers the program's questions as a test says, and keeps what it was told."""

    folder: Path | None = None
    file: Path | None = None
    target: Path | None = None
    text: str | None = None
    errors: list[UserError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def error(self, error: UserError, *, technical: str = "") -> None:
        self.errors.append(error)

    def choose_folder(self, title: str, *, start: str) -> Path | None:
        self.asked.append(title)
        return self.folder

    def choose_file(
        self, title: str, *, start: str, patterns: Sequence[str], what: str = ""
    ) -> Path | None:
        self.asked.append(title)
        return self.file

    def choose_target(self, title: str, *, start: str, suffix: str) -> Path | None:
        self.asked.append(title)
        return self.target

    def ask_text(self, title: str, label: str, *, value: str) -> str | None:
        self.asked.append(title)
        return self.text


class Driver:
    """Opens the window and acts on it as a reader would."""

    def __init__(self, qtbot: QtBot, app: QApplication) -> None:
        self._qtbot = qtbot
        self._app = app
        self.answers = Answers(text="Ada")
        self.window: MainWindow
        self.controller: MainController

    @property
    def open_workspace(self) -> WorkspaceController:
        assert self.controller.open_workspace is not None
        return self.controller.open_workspace

    def start(self, workspace: Path | None = None) -> "Driver":
        self.window, self.controller = build(self._app, dialogs=self.answers)
        self._qtbot.addWidget(self.window)
        self.window.show()
        self._qtbot.waitExposed(self.window)
        if workspace is not None:
            self.controller.start(workspace, demo=False)
            self._app.processEvents()  # keys count from then on
        return self

    def close(self) -> None:
        self.window.close()

    def until(self, condition: Callable[[], bool], *, timeout: int = PATIENCE_MS) -> None:
        self._qtbot.waitUntil(condition, timeout=timeout)

    def choose(self, *cell_ids: int) -> None:
        self.window.gallery.setFocus()
        self.window.gallery.select(cell_ids)

    def shown(self) -> list[int]:
        """Return the cells in the gallery, in their order."""
        return [*map(int, self.window.gallery.scene.model.cell_ids())]

    def press(self, key: str) -> None:
        """Trigger the action that a key belongs to, as Qt does for a key press."""
        for action in self.window.actions():
            if any(shortcut.toString() == key for shortcut in action.shortcuts()):
                action.trigger()
                return
        raise AssertionError(f"no action has the key {key}")

    def label_of(self, cell_id: int) -> str | None:
        record = self.open_workspace.workspace.catalogue.cells.get(cell_id)
        return record.review.label if record.review else None


def patient_folder(root: Path, *, n: int = 6) -> Path:
    """Write a patient with two slides of drawn crops and one file that is no image."""
    files = {f"slide {1 + i % 2}/cell_{i:02d}.png": drawn_crops.png(i) for i in range(n)}
    return drawn_crops.write(root / "P-7", files | {"slide 1/broken.png": b"not an image"})


def imported(session: Session, folder: Path, *, labels: Sequence[str] = LABELS) -> None:
    """Import a folder and say what the model thinks of its cells, over and over ``labels``."""
    execute_plan(read_plan([folder], options=ImportOptions()), session)
    n = len(session.workspace.catalogue.index.load(session.taxonomy))
    session.record(predictions([labels[i % len(labels)] for i in range(n)]))
