"""What every test gets: Qt off the screen, fresh folders, and guards against what it leaves behind.

Where Qt's system libraries are missing, the modules that need Qt skip with one line that names
the packages to install. ``WBC_FAIL_ON_SKIP=1`` turns any skip into a failure of the run: CI sets
it. To add a guard, write it in ``tests/leak_guards.py`` and import it here.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
if "PYTEST_XDIST_WORKER" in os.environ:  # before anything imports torch: each worker has one core
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.leak_guards import no_qt_object_left, no_thread_left
from tests.system_packages import missing_qt

__all__ = ["no_qt_object_left", "no_thread_left"]

_NEEDS_QT = re.compile(r"\b(PySide6|qtbot|qapp|wbc_desktop\.(gui|app)\b|tests\.journeys\b)")

_MOST_WORKERS = 8  # each takes up to 1 GB

settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


class _ModuleWithoutQt(pytest.Module):
    """Stands for a test module that cannot be imported here."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip(missing_qt(), allow_module_level=True)


class _FolderWithoutQt(pytest.Collector):  # pytest loads the conftest of a pytest.Directory
    """Stands for a folder whose own conftest cannot be imported here."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip(missing_qt(), allow_module_level=True)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start a worker for each core; for a few files none, since to start them takes longer."""
    if config.args and all(".py" in argument for argument in config.args):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST_WORKERS)


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Keep pytest-qt from ending the whole run where Qt cannot be loaded."""
    if missing_qt():
        pluginmanager.unregister(name="pytest-qt")


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> _ModuleWithoutQt | None:
    """Skip a module that needs Qt where Qt cannot be loaded."""
    if missing_qt() and _NEEDS_QT.search(module_path.read_text(encoding="utf-8")):
        module: _ModuleWithoutQt = _ModuleWithoutQt.from_parent(parent, path=module_path)
        return module
    return None


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> _FolderWithoutQt | None:
    """Skip a folder whose fixtures need Qt where Qt cannot be loaded."""
    conftest = path / "conftest.py"
    if missing_qt() and conftest.is_file() and "import QApplication" in conftest.read_text("utf-8"):
        folder: _FolderWithoutQt = _FolderWithoutQt.from_parent(parent, name=path.name)
        return folder
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of real crops where there are none."""
    if os.environ.get("WBC_DATA"):
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a test skipped and CI forbids it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("WBC_FAIL_ON_SKIP") != "1":
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped:
        reporter.write_line("")
        reporter.write_line(f"WBC_FAIL_ON_SKIP=1: {len(skipped)} skipped, so the run fails")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def fresh_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give each test a home of its own, so that no test reads or writes the user's settings."""
    home = tmp_path_factory.mktemp("home")
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "WBC_CONFIG_DIR": home / "config",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_STATE_HOME": home / "state",
        "XDG_DOCUMENTS_DIR": home / "documents",
    }
    for name, folder in folders.items():
        monkeypatch.setenv(name, str(folder))
    return home


@pytest.fixture
def real_data() -> Path:
    """The folder of real crops; tests that ask for it carry the marker ``real_data``."""
    return Path(os.environ["WBC_DATA"])
