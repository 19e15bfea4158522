from dataclasses import replace

import numpy as np
import pytest

from model.uncertainty.slide_shift import COLUMNS, ShiftReference, describe
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.gui.patients.shift_text import difference, distance, measured

SHIFT = SlideShift(n=20, score=1.2, alarm=True, statistic="s", text="", advice="a")
SITES = ShiftReference(
    sites=("Barcelona", "Munich"),
    centre=np.array([np.full(len(COLUMNS), 0.2), np.full(len(COLUMNS), 0.4)]),
    spread=np.ones((2, len(COLUMNS))),
    threshold=1.0,
)


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=[column.name for column in COLUMNS])
@pytest.mark.parametrize("value", [0.1, 0.3, 0.9])
def test_no_measure_shows_its_figures_or_its_name(column: int, value: float) -> None:
    text = describe(column, value, 0, SITES)
    words = difference(replace(SHIFT, text=text))
    assert words.startswith("The ")
    assert not any(sign.isdigit() or sign == "(" for sign in words)
    assert "in its window" not in words
    assert text[text.index("(") + 1 : -1] in measured(replace(SHIFT, text=text))


def test_what_is_stored_in_other_words_is_told_as_it_is() -> None:
    assert difference(replace(SHIFT, text="other stain")) == "Other stain"
    assert measured(SHIFT) == "Measured: 1.20 times the alarm threshold, 20 cells"


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (9.0, "Far beyond what is usual there"),
        (2.0, "Well beyond what is usual there"),
        (1.01, "Just beyond what is usual there"),
        (0.99, "hardly like the training sites, but no alarm"),
        (0.6, "rather like the training sites"),
        (0.1, "much like the training sites"),
    ],
)
def test_how_far_out_a_slide_is_has_words(score: float, words: str) -> None:
    assert distance(replace(SHIFT, score=score, alarm=score > 1)) == words
