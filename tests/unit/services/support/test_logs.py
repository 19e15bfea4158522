import logging
import sys
from pathlib import Path

import pytest

from wbc_desktop.services.support.logs import PrivateFormatter


def line(name: str, message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(name, logging.WARNING, "x.py", 1, message, args, info)
    return PrivateFormatter().format(record)


def test_numbers_and_kinds_of_errors_are_written() -> None:
    error = PermissionError(13, "Permission denied", "/data/P-0192/a.png")
    text = line("wbc_desktop.gui.workspace_controller", "%d cells were not kept: %s", 12, error)
    assert text.endswith(
        "wbc_desktop.gui.workspace_controller: 12 cells were not kept: "
        "PermissionError (Permission denied)"
    )


@pytest.mark.parametrize("value", ["P-0192", Path("/data/P-0192"), ["P-0192"], b"P-0192"])
def test_whatever_else_could_name_somebody_is_hidden(value: object) -> None:
    assert "P-0192" not in line("wbc_desktop.app", "the folder %s is odd", value)
    assert "P-0192" not in line("wbc_desktop.app", "the number %d is odd", value)


def test_of_another_library_only_the_pattern_is_written() -> None:
    assert line("alembic.runtime", "Running upgrade %s", "P-7").endswith("Running upgrade %s")
    assert "P-7" not in line("PIL.Image", "P-7/a.png is truncated")


def test_a_trace_stands_below_without_what_the_error_says() -> None:
    try:
        raise KeyError("P-0192")  # noqa: TRY301
    except KeyError:
        error = sys.exc_info()[1]
    text = line("wbc_desktop.gui.main_controller", "Nothing caught this", error=error)
    assert "P-0192" not in text.replace('KeyError("P-0192")', "")  # the line of this test
    assert text.splitlines()[-1] == "KeyError"
