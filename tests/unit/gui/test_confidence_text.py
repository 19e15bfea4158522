import pytest

from wbc_desktop.gui.confidence_text import confidence_words


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.996, ">99 %"), (1.0, ">99 %"), (0.994, "99 %"), (0.5, "50 %"), (0.001, "<1 %")],
)
def test_nothing_is_called_certain_or_impossible(probability: float, words: str) -> None:
    assert confidence_words(probability) == words
