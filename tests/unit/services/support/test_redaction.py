from pathlib import Path

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.support import redaction


def caught(act: type[BaseException], *words: object, cause: BaseException | None = None) -> str:
    with pytest.raises(act) as info:
        raise act(*words) from cause
    return redaction.redacted_traceback(info.value)


def test_a_trace_names_kind_and_line_but_not_what_the_error_says() -> None:
    text = caught(KeyError, "P-0192")
    assert "P-0192" not in text
    assert text.endswith("KeyError")
    assert "test_redaction.py" in text
    assert "in caught" in text


def test_causes_are_told_in_their_order_and_as_quietly() -> None:
    text = caught(ValueError, "cell P-7", cause=FileNotFoundError(2, "No such file", "P-7/a.png"))
    assert "P-7" not in text
    first, second = text.index("FileNotFoundError (No such file)"), text.index("ValueError")
    assert first < second
    assert "which led to" in text


def test_an_error_of_ours_is_only_named() -> None:
    assert redaction.error_kind(UserError("No", "P-7")) == "wbc_desktop.domain.errors.UserError"


def test_the_folders_of_a_person_are_left_out() -> None:
    home = "/home/a.maier/app"
    assert redaction.source_path(f"{home}/site-packages/PIL/Image.py") == "PIL/Image.py"
    assert (
        redaction.source_path(f"{home}/wbc_desktop/gui/workspace_controller.py")
        == "wbc_desktop/gui/workspace_controller.py"
    )
    assert redaction.source_path("C:\\Users\\maier\\wbc_desktop\\app.py") == "wbc_desktop/app.py"
    assert redaction.source_path(str(Path.home() / "x.py")) == "x.py"
    assert redaction.redact_source_paths(f'  File "{home}/wbc_desktop/app.py", line 3 in run') == (
        '  File "wbc_desktop/app.py", line 3 in run'
    )
