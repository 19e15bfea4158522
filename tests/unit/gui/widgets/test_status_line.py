import pytest

from wbc_desktop.gui.widgets.status_line import remaining


@pytest.mark.parametrize(
    ("eta_s", "words"),
    [(None, ""), (0.0, ""), (0.3, ", 1 s left"), (59.4, ", 59 s left"), (150.0, ", 2 min left")],
)
def test_the_remaining_time_is_told_calmly(eta_s: float | None, words: str) -> None:
    assert remaining(eta_s) == words
