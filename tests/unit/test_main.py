import pytest

from wbc_desktop import __main__ as program


def test_where_no_window_can_be_one_line_names_the_commands_that_need_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "display_problem", lambda *_: "there is no display")
    assert program.main([]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "there is no display" in message
    assert "wbc run" in message
    assert "wbc demo" in message


def test_without_a_console_the_reason_is_what_the_program_ends_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "display_problem", lambda *_: "there is no display")
    monkeypatch.setattr("sys.stderr", None)  # as in a program for Windows
    with pytest.raises(RuntimeError, match=r"there is no display; .*wbc run"):
        program.main([])


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(["--no-such-option"])
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err
