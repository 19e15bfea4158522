import gc
import socket
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from wbc_desktop.gui.startup import (
    QT_PACKAGES,
    display_problem,
    keep_responsive,
    missing_library,
)


@pytest.mark.parametrize(
    ("platform", "environment"),
    [
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}),
        ("darwin", {}),
        ("win32", {}),
    ],
)
def test_where_no_x_server_is_needed_nothing_stands_in_the_way(
    platform: str, environment: dict[str, str]
) -> None:
    assert display_problem(platform, environment) == ""


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"QT_QPA_PLATFORM": "xcb"},
        {"DISPLAY": ""},
        {"DISPLAY": ":64999"},
        {"DISPLAY": "not a display"},
        {"DISPLAY": "127.0.0.1:59000.0"},
    ],
)
def test_a_missing_or_dead_display_is_seen_before_qt_aborts(environment: dict[str, str]) -> None:
    assert display_problem("linux", environment) == "there is no display to open a window on"


def test_a_listening_x_server_is_found() -> None:
    with socket.socket(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        number = server.getsockname()[1] - 6000
        reason = display_problem("linux", {"DISPLAY": f"127.0.0.1:{number}.0"})
    assert "no display" not in reason


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    plugin = tmp_path / "libqxcb.so"
    plugin.write_bytes(b"not a library")
    assert missing_library(plugin).endswith("libqxcb.so")
    assert missing_library(None) == ""


class _Ring:
    def __init__(self) -> None:
        self.itself = self


def test_frozen_once_so_that_closed_workspaces_are_collected() -> None:
    was = sys.getswitchinterval()
    try:
        keep_responsive()
        frozen = gc.get_freeze_count()
        assert frozen > 0
        assert sys.getswitchinterval() < was or was < 0.001
        ring = _Ring()
        gone = weakref.ref(ring)
        keep_responsive()
        assert gc.get_freeze_count() == frozen
        del ring
        gc.collect()
        assert gone() is None
    finally:
        sys.setswitchinterval(was)


def test_a_missing_library_is_told_by_its_packages_and_the_readme_names_the_same(
    tmp_path: Path,
) -> None:
    plugins = tmp_path / "PySide6" / "Qt" / "plugins" / "platforms"
    plugins.mkdir(parents=True)
    (tmp_path / "PySide6" / "__init__.py").touch()
    (plugins / "libqxcb.so").write_bytes(b"not a library")
    asked = (
        "import sys\n"
        "from wbc_desktop.gui.startup import display_problem\n"
        "print(display_problem('linux', {'DISPLAY': sys.argv[1]}))"
    )
    with socket.socket(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        display = f"127.0.0.1:{server.getsockname()[1] - 6000}"
        path = f"{tmp_path}:{Path.cwd()}"
        told = subprocess.run(
            [sys.executable, "-c", asked, display],
            env={"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    assert "libqxcb.so" in told
    assert f"apt-get install {QT_PACKAGES}`" in told
    assert QT_PACKAGES in Path("README.md").read_text(encoding="utf-8")
    assert {"libxcb-icccm4", "libxcb-keysyms1"} <= {*QT_PACKAGES.split()}
