"""A technician reviews the demo's 200 cells to the last one and never touches the mouse."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog

from model.rendering.renderer import DEMO_CASE
from tests.journeys.hands import Script, modal, play, press, write
from tests.journeys.reviewer import READER, Reviewer
from wbc_desktop.domain.review.review import Review, ReviewMode

pytestmark = pytest.mark.needs_display


def test_the_last_of_200_cells_is_reviewed_by_keys_alone(
    start: Callable[[Path], Reviewer], tmp_path: Path
) -> None:
    wbc = Path(sys.executable).with_name("wbc")
    subprocess.run([wbc, "demo", "--out", tmp_path], check=True, stdout=subprocess.DEVNULL)
    keyboard = Keyboard(start(tmp_path / "workspace"))
    keyboard.walk_the_queue()
    assert keyboard.asks  # the queue has come to its end and offers the sure rest
    assert 0 < len(keyboard.reviews()) < 200
    last_group = keyboard.accept_the_groups()

    reviews = keyboard.reviews()
    assert len(reviews) == 200
    assert {c: review.label for c, review in reviews.items()} == keyboard.truth
    assert {review.reviewer for review in reviews.values()} == {READER}
    by_lot = [c for c, review in reviews.items() if review.mode is ReviewMode.DRAW]
    assert len(by_lot) == 20  # one in ten
    assert {reviews[c].mode for c in last_group} == {ReviewMode.BULK}
    keyboard.reader.close()

    again = Keyboard(start(tmp_path / "workspace"))
    again.reader.undo()
    assert again.reviews().keys() == reviews.keys() - set(last_group)
    again.reader.close()


class Keyboard:
    """Keys pressed one after the other, each once what the last one did is to be seen.

    Args:
        reader: The reader at the window.
    """

    def __init__(self, reader: Reviewer) -> None:
        self.reader = reader
        drawn = [class_id for class_id, _ in DEMO_CASE.cells()]
        self.truth = {
            cell.id: drawn[int(Path(path).stem.split("_")[1]) - 1]
            for path, cell in reader.cells().items()
        }

    @property
    def asks(self) -> bool:
        """The bar below the gallery asks about a group."""
        return self.reader.window.accept_bar.isVisible()

    def reviews(self) -> dict[int, Review]:
        """What people have said, by cell."""
        return dict(self.reader.open_workspace.workspace.catalogue.reviews.reviews_for())

    def walk_the_queue(self) -> None:
        """Press V, then Space or the key of the right class until the queue ends."""
        queue, gallery = (
            self.reader.open_workspace.review_workflow.queue,
            self.reader.window.gallery,
        )
        self._press("v", lambda: queue.running)
        while queue.running:
            cell = gallery.current_id()
            assert cell is not None
            self._press(self._key_for(cell), self._recorded())

    def accept_the_groups(self) -> list[int]:
        """Answer the bar until every cell is reviewed; return the cells of the last group."""
        bar, gallery = self.reader.window.accept_bar, self.reader.window.gallery
        marked: list[int] = []
        while self.asks:
            marked = gallery.selected_ids()
            assert all(self._is_right(cell) for cell in marked)
            assert f"{len(marked)} cell" in bar.question
            self._press("Return", self._recorded())
        return marked

    def _recorded(self) -> Callable[[], bool]:
        before = self.reader.n_events()
        return lambda: self.reader.n_events() > before

    def _is_right(self, cell: int) -> bool:
        return (
            self.reader.open_workspace.workspace.catalogue.cells.get(cell).predicted
            == self.truth[cell]
        )

    def _key_for(self, cell: int) -> str:
        if self._is_right(cell):
            return "space"
        return self.reader.open_workspace.session.taxonomy.by_id[self.truth[cell]].hotkey.lower()

    def _press(self, key: str, seen: Callable[[], bool]) -> None:
        """Press a key and wait until its work is seen; give the name where it is asked for."""

        def script() -> Script:
            yield self.reader.window.isActiveWindow
            press(key)
            yield lambda: seen() or isinstance(modal(), QInputDialog)
            if isinstance(dialog := modal(), QInputDialog):
                yield dialog.isActiveWindow
                write(READER)
                press("Return")
                yield lambda: modal() is None and seen()

        play(script())
