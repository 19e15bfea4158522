"""The real window on a large workspace, measured from within; run by ``gallery``.

A frame is one step of the scroll bar with everything the window does until it is painted: pictures
that arrived are taken in, requests are sent off, the whole viewport is painted. Between two frames
the thread sleeps until the next sixtieth of a second, as it would for a screen; meanwhile workers
decode. The viewport of the gallery alone has 1920 × 1080 pixels, the window is larger.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication

from wbc_desktop.app import build
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.filter.arrangement import Filter, SortKey
from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.review.review import Status
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.workspace_controller import WorkspaceController

FRAMES = 400
_PATIENCE = 60  # seconds
VIEWPORT = QSize(1920, 1080)
PERIOD = 1 / 60
RELABELLED = 10_000
STEPS = (23, 61, 160)  # pixels a frame: reading, scrolling, hurrying
SORTS = (
    SortKey.LEAST_MARGIN,
    SortKey.MOST_ENTROPY,
    SortKey.DISAGREEMENT,
    SortKey.UNUSUAL_FIRST,
    SortKey.REVIEWED_LAST_FIRST,
)
GROUPS = (GroupBy.PATIENT, GroupBy.SLIDE, GroupBy.STATUS, GroupBy.READER, GroupBy.CLASS)


class Answers:
    """Answers the program's questions, of which there must be none but the reader's name."""

    def error(self, error: UserError, *, technical: str = "") -> None:
        """Fail."""
        raise RuntimeError(f"{error} {technical}") from error

    def choose_folder(self, title: str, *, start: str) -> Path | None:  # the protocol's
        """Choose none."""
        return None

    def choose_file(
        self, title: str, *, start: str, patterns: Sequence[str], what: str = ""
    ) -> Path | None:
        """Choose none."""
        return None

    def choose_target(self, title: str, *, start: str, suffix: str) -> Path | None:
        """Choose none."""
        return None

    def ask_text(self, title: str, label: str, *, value: str) -> str | None:
        """Say who reads."""
        return "Ada"


class Paints(QObject):
    """Counts the paints of a widget.

    Attributes:
        n: How many were finished.
        at: When the last one was on the (virtual) screen.
    """

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.n = 0
        self.at = 0.0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Ask to be called behind this paint, before anything else happens."""
        if event.type() == QEvent.Type.Paint:
            high = Qt.EventPriority.HighEventPriority
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), high.value)
        return False

    def customEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        """Count."""
        self.n += 1
        self.at = time.perf_counter()


@dataclass
class Bench:
    """The window, and how one waits for it."""

    app: QApplication
    window: MainWindow
    paints: Paints
    opened: WorkspaceController | None = None

    @property
    def open_workspace(self) -> WorkspaceController:
        """The open workspace."""
        assert self.opened is not None
        return self.opened

    def painted(self, act: Callable[[], None]) -> float:
        """Return the milliseconds of an act until the gallery shows what it did."""
        self.settle()
        before, start = self.paints.n, time.perf_counter()
        act()
        while self.paints.n == before:
            if time.perf_counter() - start > _PATIENCE:
                raise RuntimeError("the gallery was not painted")
            self.app.processEvents()
        return 1000 * (self.paints.at - start)

    def settle(self) -> None:
        """Wait until every picture in view is there and nothing is left to do."""
        pictures = self.window.gallery.thumbnails
        deadline = time.monotonic() + 60
        self.app.processEvents()
        while pictures.busy and time.monotonic() < deadline:
            time.sleep(0.002)
            self.app.processEvents()
        self.app.processEvents()


def main() -> None:
    """Measure one workspace and print one JSON object."""
    app = QApplication(sys.argv[:1])
    window, controller = build(app, dialogs=Answers())
    gallery = window.gallery
    window.show()
    app.processEvents()  # it fills the small screen first
    bar = gallery.verticalScrollBar()
    gallery.setFixedSize(VIEWPORT + QSize(bar.sizeHint().width(), 0))
    window.resize(2 * VIEWPORT.width(), 2 * VIEWPORT.height())
    bench = Bench(app, window, Paints(gallery.viewport()))
    bench.settle()
    with tempfile.TemporaryDirectory(dir=Path(sys.argv[1]).parent) as name:
        folder = Path(name) / "copy"  # labels are written into it
        shutil.copytree(sys.argv[1], folder)
        start = time.perf_counter()
        controller.open(folder, create=False)
        opened = time.perf_counter()
        before = bench.paints.n
        while bench.paints.n == before:
            app.processEvents()
        shown = bench.paints.at
        bench.opened = controller.open_workspace
        bench.settle()
        print(f"pictures of the first screen after {1000 * (time.perf_counter() - opened):.0f} ms")
        figures = {
            "tile": gallery.tile_size,
            "open_s": opened - start,
            "first_show_ms": 1000 * (shown - opened),
            **scrolled(bench),
            **arranged(bench),
            "relabel_10k_ms": relabelled(bench),
            "rss_mb": peak_mb(),
        }
        window.close()
    print(json.dumps(figures))


def peak_mb() -> float:
    """Return the most memory this process has held, in MB.

    Not from ``getrusage``: a process begun by a larger one inherits its peak there.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the system does not tell the peak of the memory")


def scrolled(bench: Bench) -> dict[str, float]:
    """Scroll through the gallery, down and up, slowly and fast."""
    gallery = bench.window.gallery
    seen = gallery.viewport().visibleRegion().boundingRect().size()
    assert seen == VIEWPORT, seen
    decoded = 0

    def count(cell_ids: tuple[int, ...]) -> None:
        nonlocal decoded
        decoded += sum(gallery.picture(cell_id) is not None for cell_id in cell_ids)

    gallery.thumbnails.arrived.connect(count)
    bar = gallery.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    bench.settle()
    decoded = 0
    times = []
    for frame in range(FRAMES):
        step = STEPS[frame * len(STEPS) // FRAMES] * (1 if frame % 100 < 70 else -1)
        before, start = bench.paints.n, time.perf_counter()
        bar.setValue(bar.value() + step)
        while bench.paints.n == before:
            bench.app.processEvents()
        times.append(time.perf_counter() - start)
        time.sleep(max(0.0, PERIOD - times[-1]))
    gallery.thumbnails.arrived.disconnect(count)
    milliseconds = 1000 * np.array(times)
    print(
        "frames: " + ", ".join(f"p{p} {np.percentile(milliseconds, p):.1f}" for p in (50, 90, 99))
    )
    return {
        "scroll_p99_ms": float(np.percentile(milliseconds, 99)),
        "frames_measured": len(times),
        "thumbs_decoded": decoded,
    }


def arranged(bench: Bench) -> dict[str, float]:
    """Filter, sort and regroup through the window, each time something new."""
    browser = bench.open_workspace.browser
    lymphocyte, monocyte = (browser.taxonomy.ordinals[c] for c in ("lymphocyte", "monocyte"))
    filters = (
        Filter(max_conf=0.7),
        Filter(classes=frozenset({lymphocyte, monocyte}), statuses=frozenset({Status.UNREVIEWED})),
        Filter(min_margin=0.2, max_set=2, unusual=False),
        Filter(patients=frozenset({1, 2, 3, 4, 5, 6, 7, 8}), min_conf=0.5),
        Filter(),
    )

    def filtered(wanted: Filter) -> float:
        return bench.painted(lambda: browser.set_filter(replace(wanted)))

    def sorted_by(sort: SortKey) -> float:
        return bench.painted(lambda: browser.set_sort(sort))

    def grouped(by: GroupBy) -> float:
        return bench.painted(lambda: browser.set_group(by))

    times = {
        "filter_ms": [filtered(wanted) for wanted in filters],
        "sort_ms": [sorted_by(sort) for sort in SORTS],
        "regroup_ms": [grouped(by) for by in GROUPS],
    }
    for name, each in times.items():
        print(f"{name}: " + ", ".join(f"{ms:.0f}" for ms in each))
    return {name: statistics.median(each) for name, each in times.items()}


def relabelled(bench: Bench) -> float:
    """Label ten thousand selected cells, as a key does, until the gallery shows it."""
    gallery, open_workspace = bench.window.gallery, bench.open_workspace
    times = []
    for label in ("monocyte", "eosinophil", "basophil"):
        unlike = (
            open_workspace.browser.index.current()
            != open_workspace.browser.taxonomy.ordinals[label]
        )
        rows = open_workspace.browser.arrangement.rows
        cells = open_workspace.browser.index.cell_id[rows[unlike[rows]][:RELABELLED]].tolist()
        gallery.select(cells)
        times.append(bench.painted(partial(open_workspace.review.label, label)))
        reviews = open_workspace.workspace.catalogue.reviews.reviews_for(cells)
        assert [review.label for review in reviews.values()] == [label] * RELABELLED
    print("relabel: " + ", ".join(f"{ms:.0f}" for ms in times))
    return statistics.median(times)


if __name__ == "__main__":
    main()
