import socket

import pytest

from wbc_desktop import __main__ as program


@pytest.mark.parametrize(
    ("platform", "environment", "wanted"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":64999"}, False),
        ("linux", {"DISPLAY": "not a display"}, False),
        ("linux", {"DISPLAY": "127.0.0.1:59000.0"}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, True),
        ("linux", {"QT_QPA_PLATFORM": "xcb"}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_missing_display_is_seen_before_qt_aborts(
    platform: str, environment: dict[str, str], wanted: bool
) -> None:
    assert program.has_display(platform, environment) is wanted


def test_without_a_display_one_line_names_the_commands_that_need_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "has_display", lambda *_: False)
    assert program.main([]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "wbc run" in message
    assert "wbc demo" in message


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(["--no-such-option"])
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_listening_x_server_is_found() -> None:
    with socket.socket(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        number = server.getsockname()[1] - 6000
        assert program.has_display("linux", {"DISPLAY": f"127.0.0.1:{number}.0"})
