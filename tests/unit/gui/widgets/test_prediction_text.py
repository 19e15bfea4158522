import numpy as np
import pytest

from wbc_desktop.domain.filter.syntax import read_bounds, share, words_of
from wbc_desktop.gui.widgets.prediction_text import confidence_words, percent_words, whole_percent


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.996, ">99 %"),
        (1.0, ">99 %"),
        (0.994, "99 %"),
        (0.899, "89 %"),
        (0.9, "90 %"),
        (0.5, "50 %"),
        (0.29, "29 %"),
        (0.009, "<1 %"),
        (0.001, "<1 %"),
    ],
)
def test_nothing_is_called_certain_impossible_or_more_than_it_is(
    probability: float, words: str
) -> None:
    assert confidence_words(probability) == words


@pytest.mark.parametrize("bound", range(1, 100))
def test_what_is_shown_never_contradicts_a_filter(bound: int) -> None:
    """Of the cells around a bound: ``conf:<90%`` lists none that reads 90 %, ``>=90%`` no 89 %."""
    edge = np.float32(bound / 100)
    near = [np.nextafter(edge, np.float32(-1)), edge, np.nextafter(edge, np.float32(2))]
    probabilities = np.array([*near, edge - 0.004, edge + 0.004, edge + 0.0049], np.float32)
    shown = whole_percent(probabilities)
    below = read_bounds(words_of(f"conf:<{bound}%")[0], share("confidence")).high
    assert below is not None
    listed = probabilities <= np.float32(below)
    assert (shown[listed] < bound).all()
    assert (shown[~listed] >= bound).all()
    assert [confidence_words(float(p)) for p in probabilities] == [
        percent_words(percent) for percent in shown.tolist()
    ]
