import pytest

from wbc_desktop.domain.wording import capitalised, counted


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 cells"), (1, "1 cell"), (2, "2 cells"), (1234, "1,234 cells")]
)
def test_a_number_agrees_with_its_noun(n: int, text: str) -> None:
    assert counted(n, "cell") == text


def test_only_the_first_letter_is_made_a_capital() -> None:
    assert capitalised("ground at P-7 greener") == "Ground at P-7 greener"
    assert capitalised("") == ""
