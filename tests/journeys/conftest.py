"""Runs the journeys of each file in a child process on a real X server.

The process that pytest started in has Qt off the screen and cannot change its mind, so it
replaces every test in this folder by a ``JourneyItem``. The first one of all starts the X server,
the first one of a file a child that runs the tests of this file; see ``child_process.py``. To add
a journey, write a test that takes the fixture ``start``; see ``reviewer.py``.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from model.rendering.renderer import DEMO_MIX, SITES, render_patient
from tests.journeys.child_process import REPORT_VARIABLE, ChildProcess, Told
from tests.journeys.x_display import XDisplay
from tests.system_packages import missing_display_tools

if TYPE_CHECKING:  # the parent runs without Qt on the screen, or without Qt at all
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication

    from tests.journeys.reviewer import Reviewer

IN_CHILD = os.environ.get("WBC_JOURNEY_CHILD") == "1"
HERE = Path(__file__).parent

_display = pytest.StashKey[XDisplay]()
_children = pytest.StashKey[dict[Path, ChildProcess]]()


class JourneyFailedError(Exception):
    """A journey failed in the child process; its words say why."""


class JourneyItem(pytest.Item):
    """One journey, as the parent process sees it."""

    def runtest(self) -> None:
        """Wait until the child of this file has run the test.

        Raises:
            JourneyFailedError: If it fails there.
        """
        if reason := missing_display_tools():
            pytest.skip(reason)
        outcome, words = self._child().ending(self.nodeid)
        if outcome == "skipped":
            pytest.skip(words)
        if outcome != "passed":
            raise JourneyFailedError(words)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the child's words in place of our own traceback."""
        if isinstance(excinfo.value, JourneyFailedError):
            return f"in the child process:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test stands."""
        return self.path, None, self.name

    def _child(self) -> ChildProcess:
        stash = self.session.stash
        children = stash.setdefault(_children, {})
        if self.path not in children:
            for other in children.values():
                other.close()  # one journey at a time: they share the screen
            if _display not in stash:
                stash[_display] = XDisplay()
            children[self.path] = ChildProcess(
                [item.nodeid for item in self.session.items if item.path == self.path],
                root=self.config.rootpath,
                display=stash[_display].name,
            )
        return children[self.path]


def pytest_configure(config: pytest.Config) -> None:
    """Let the child tell how its tests end."""
    if report := os.environ.get(REPORT_VARIABLE):
        config.pluginmanager.register(Told(Path(report)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put a ``JourneyItem`` in the place of every journey, unless this is the child."""
    if IN_CHILD:
        return
    for position, item in enumerate(items):
        if item.path.is_relative_to(HERE) and item.parent is not None:
            items[position] = JourneyItem.from_parent(
                item.parent, name=item.name, nodeid=item.nodeid
            )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the children and the X server, if a journey started them."""
    for child in session.stash.get(_children, {}).values():
        child.close()
    if _display in session.stash:
        session.stash[_display].close()


@pytest.fixture
def start(request: pytest.FixtureRequest) -> "Iterator[Callable[[Path | None], Reviewer]]":
    """Starts the program; what a failed journey leaves open is closed."""
    from tests.journeys.reviewer import Reviewer

    app: QApplication = request.getfixturevalue("qapp")
    app.setQuitOnLastWindowClosed(False)
    started: list[Reviewer] = []

    def begin(workspace: Path | None = None, *, offers: bool = False) -> Reviewer:
        started.append(Reviewer(app, workspace, offers=offers))
        return started[-1]

    yield begin
    for reviewer in started:
        reviewer.leave()


@pytest.fixture
def rendered_patient(tmp_path: Path) -> Path:
    """A patient's folder: 48 rendered crops on two slides."""
    folder = tmp_path / "P-0192"
    for i, (_, jpeg) in enumerate(render_patient(SITES["demo"], DEMO_MIX, n=48, seed=7)):
        slide = folder / f"slide {i % 2 + 1}"
        slide.mkdir(parents=True, exist_ok=True)
        (slide / f"{i:03d}.jpg").write_bytes(jpeg)
    return folder


@pytest.fixture
def green_patient(tmp_path: Path) -> Path:
    """A patient's folder: 24 rendered crops on one slide, as a wrong white balance shows them."""
    from PIL import Image

    slide = tmp_path / "P-green" / "slide 1"
    slide.mkdir(parents=True)
    for i, (_, jpeg) in enumerate(render_patient(SITES["demo"], DEMO_MIX, n=24, seed=7)):
        red, green, blue = Image.open(io.BytesIO(jpeg)).convert("RGB").split()
        channels = (red.point(lambda v: 0.7 * v), green, blue.point(lambda v: 0.75 * v))
        Image.merge("RGB", channels).save(slide / f"{i:03d}.png")
    return slide.parent


@pytest.fixture
def foreign_site(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A patient's folder, four slides, faint and off colour; and the class of each of 96 crops."""
    from PIL import Image, ImageEnhance

    folder, truth = tmp_path / "P-0077", {}
    for number in range(4):
        slide = folder / f"slide {number}"
        slide.mkdir(parents=True)
        cells = render_patient(SITES["acevedo"], DEMO_MIX, n=24, seed=30 + number)
        for i, (class_id, jpeg) in enumerate(cells):
            swapped = Image.open(io.BytesIO(jpeg)).convert("RGB").split()[::-1]
            faint = ImageEnhance.Contrast(Image.merge("RGB", swapped)).enhance(0.25)
            faint.save(slide / f"{i:03d}.png")
            truth[f"slide {number}/{i:03d}.png"] = class_id
    return folder, truth
