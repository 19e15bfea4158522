"""A perfect reviewer at the real window: knows every cell, looks before accepting, only uses keys.

Run as a program by ``review.py``: ``python -m tests.benchmarks.perfect_reviewer WORKSPACE ORDER``,
off the screen. The keys go through Qt's window system like those of a keyboard. What the reviewer
reads is what the window shows: the question of the bar, the marked tiles, the cell in front. The
last line printed is one JSON object.
"""

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from model.rendering.renderer import DEMO_CASE
from wbc_desktop.app import build
from wbc_desktop.domain.review.group_accept import next_threshold, plan_accept
from wbc_desktop.gui.workspace_controller import WorkspaceController

PATIENCE_S, SETTLE_S = 60.0, 3.0
_PLAIN, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
WORTH_A_KEY = 2  # more cells that one step of the threshold must bring in


class PerfectReviewer:
    """Reviews the demo patient to its last cell.

    Args:
        app: The application.
        workspace: The demo's workspace, classified and not reviewed.
    """

    def __init__(self, app: QApplication, workspace: Path) -> None:
        self._app = app
        self.window, self._controller = build(app)
        self.window.show()
        self._wait(self.window.isActiveWindow)
        self._controller.start(workspace, demo=False)
        self._settle()
        self._truth = self._known_classes()
        self.pressed: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []

    @property
    def open_workspace(self) -> WorkspaceController:
        """The open workspace."""
        assert self._controller.open_workspace is not None
        return self._controller.open_workspace

    def accept_groups(self, *, ask: bool = True) -> None:
        """Accept every group of which all marked cells are right, after a look at each of them.

        Args:
            ask: Press the key that asks first; not where the queue has just done so.
        """
        if ask:
            self._press(Qt.Key.Key_Space, _SHIFT)
        while self.window.accept_bar.isVisible():
            while self._would_gain():
                self._press(Qt.Key.Key_Minus)
            if self._wrong(self.window.gallery.selected_ids()):
                self._press(Qt.Key.Key_Right)
            else:
                self._look_at_all()
                self._press(Qt.Key.Key_Return)

    def walk_the_queue(self) -> None:
        """Start the queue and say of each cell what it is."""
        self._press(Qt.Key.Key_V)
        while self.open_workspace.review_workflow.queue.running:
            cell = self.window.gallery.current_id()
            assert cell is not None
            if self._wrong([cell]):
                key = self.open_workspace.session.taxonomy.by_id[self._truth[cell]].hotkey
                self._press(Qt.Key(ord(key)))
            else:
                self._press(Qt.Key.Key_Space)

    def figures(self) -> dict[str, object]:
        """What it took, and what is wrong now."""
        reviews = self.open_workspace.workspace.catalogue.reviews.reviews_for()
        wrong = sum(reviews[c].label != t for c, t in self._truth.items() if c in reviews)
        return {
            "cells": len(self._truth),
            "reviewed": len(reviews),
            "wrong_labels_left": wrong,
            "keystrokes": sum(self.pressed.values()),
            "keys": dict(self.pressed.most_common()),
            "threshold": self._percent,
            "program_ms_per_key": round(1000 * statistics.mean(self.seconds), 1),
            "cpu_ms_per_key": round(1000 * statistics.mean(self.cpu_seconds), 1),
            "program_ms_slowest_key": round(1000 * max(self.seconds), 1),
        }

    def close(self) -> None:
        """Close the window."""
        self.window.close()
        self._app.processEvents()

    @property
    def _percent(self) -> int:
        return self._controller._settings.number("accept_threshold")

    def _known_classes(self) -> dict[int, str]:
        """The class that each cell was drawn as; its number is in the name of its file."""
        drawn = [class_id for class_id, _ in DEMO_CASE.cells()]
        rows = self.open_workspace.workspace.catalogue.cells.all()
        return {row.id: drawn[int(Path(row.image_path).stem.split("_")[1]) - 1] for row in rows}

    def _wrong(self, cells: list[int]) -> list[int]:
        index, classes = (
            self.open_workspace.browser.index,
            self.open_workspace.session.taxonomy.classes,
        )
        predicted = index.predicted[index.rows_of(cells)].tolist()
        known = zip(cells, predicted, strict=True)
        return [cell for cell, ordinal in known if classes[ordinal].id != self._truth[cell]]

    def _would_gain(self) -> bool:
        """See whether the tiles behind the marked ones, down to the next threshold, are right."""
        browser, marked = self.open_workspace.browser, self.window.gallery.selected_ids()
        lower = next_threshold(self._percent, -1)
        if not marked or lower == self._percent:
            return False
        position = self.window.gallery.scene.model.position_of(marked[0])
        sections = browser.arrangement.sections
        section = next(s for s in sections if s.start <= position < s.stop)
        more = plan_accept(
            browser.index, browser.arrangement, section, threshold=lower / 100, by_class=True
        )
        gain = len(more.cell_ids) - len(marked)
        return gain >= WORTH_A_KEY and not self._wrong(more.cell_ids.tolist())

    def _look_at_all(self) -> None:
        """Page down until every marked tile has been in view."""
        gallery = self.window.gallery
        unseen = set(gallery.scene.model.positions_of(gallery.selected_ids()).tolist())
        while True:
            for run in gallery.scene.runs(gallery.offset, gallery.viewport().height()):
                unseen -= set(range(run.first, run.stop))
            if not unseen:
                return
            self._press(Qt.Key.Key_PageDown)

    def _press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _PLAIN) -> None:
        begin, cpu = time.perf_counter(), time.thread_time()
        QTest.keyClick(self.window.windowHandle(), key, modifiers)
        self._app.processEvents()
        self.seconds.append(time.perf_counter() - begin)
        self.cpu_seconds.append(time.thread_time() - cpu)
        self.pressed[key.name.removeprefix("Key_")] += 1

    def _settle(self) -> None:
        """Let the window load what it loads once it is up; nobody has touched a key yet."""
        quiet_from = time.monotonic() + SETTLE_S
        self._wait(lambda: time.monotonic() > quiet_from)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self._app.processEvents()
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not come up")


def main() -> None:
    """Review a workspace in one of two orders."""
    workspace, order = Path(sys.argv[1]), sys.argv[2]
    app = QApplication([])
    reviewer = PerfectReviewer(app, workspace)
    if order == "groups-first":
        reviewer.accept_groups()
        reviewer.walk_the_queue()
    else:
        reviewer.walk_the_queue()
        reviewer.accept_groups(ask=False)
    print(json.dumps(reviewer.figures()))
    reviewer.close()


if __name__ == "__main__":
    main()
