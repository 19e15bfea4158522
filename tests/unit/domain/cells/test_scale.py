import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.cells.scale import bar_length, length_words


@pytest.mark.parametrize(
    ("um_per_px", "room", "um"),
    [(0.1, 100, 10), (0.1, 99, 5), (0.1, 49.9, 2), (0.1, 19, 1), (0.03, 70, 2), (0.5, 100, 50)],
)
def test_the_bar_is_the_longest_round_length(um_per_px: float, room: float, um: float) -> None:
    assert bar_length(um_per_px, room_px=room) == pytest.approx(um)


@given(st.floats(1e-4, 100), st.floats(20, 2000))
def test_the_bar_fits_and_no_longer_round_one_would(um_per_px: float, room: float) -> None:
    um = bar_length(um_per_px, room_px=room)
    assert um <= um_per_px * room * (1 + 1e-6)
    assert um * 2.5 > um_per_px * room * (1 - 1e-6)
    first = um / 10 ** math.floor(math.log10(um) + 1e-6)
    assert min(abs(first - digit) for digit in (1, 2, 5)) < 1e-6


@pytest.mark.parametrize("um_per_px", [0.0, 1e-30, math.inf, math.nan])
def test_a_scale_of_nonsense_has_no_bar(um_per_px: float) -> None:
    assert bar_length(um_per_px, room_px=100) == 0


def test_lengths_are_said_in_the_unit_of_their_size() -> None:
    assert [length_words(um) for um in (0.5, 1, 5, 20, 2000)] == [
        "500 nm",
        "1 µm",
        "5 µm",
        "20 µm",
        "2 mm",
    ]
