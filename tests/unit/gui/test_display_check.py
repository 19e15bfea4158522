import socket
from pathlib import Path

import pytest

from wbc_desktop.gui.display_check import missing_library, obstacle


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
    assert obstacle(platform, environment) == ""


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
    assert obstacle("linux", environment) == "there is no display to open a window on"


def test_a_listening_x_server_is_found() -> None:
    with socket.socket(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        number = server.getsockname()[1] - 6000
        reason = obstacle("linux", {"DISPLAY": f"127.0.0.1:{number}.0"})
    assert "no display" not in reason


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    plugin = tmp_path / "libqxcb.so"
    plugin.write_bytes(b"not a library")
    assert missing_library(plugin).endswith("libqxcb.so")
    assert missing_library(None) == ""
