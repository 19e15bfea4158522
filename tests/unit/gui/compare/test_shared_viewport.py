"""One zoom for all: in µm where every scale is known, fixed under the cursor, never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.gui.compare.compare_view import columns_for, neighbour
from wbc_desktop.gui.compare.shared_viewport import (
    MAX_ZOOM,
    CropSize,
    Viewport,
    ZoomUnit,
    bar_length_um,
    unit_for,
)

COARSE = CropSize(width=100, height=80, um_per_px=0.2)
FINE = CropSize(width=300, height=300, um_per_px=0.1)
UNKNOWN = CropSize(width=60, height=60, um_per_px=None)
crops = st.lists(
    st.builds(
        CropSize,
        width=st.integers(1, 2000),
        height=st.integers(1, 2000),
        um_per_px=st.floats(0.02, 2),
    ),
    min_size=1,
    max_size=8,
)
units = st.sampled_from(ZoomUnit)
places = st.tuples(st.floats(-400, 400), st.floats(-400, 400))


def test_micrometres_are_compared_only_where_every_scale_is_known() -> None:
    assert unit_for([COARSE, FINE]) is ZoomUnit.MICROMETRE
    assert unit_for([COARSE, UNKNOWN]) is ZoomUnit.PIXEL


def test_a_micrometre_has_one_length_in_every_pane() -> None:
    viewport = Viewport(unit=ZoomUnit.MICROMETRE).fit([COARSE, FINE], 600, 600)
    assert viewport.zoom == pytest.approx(20)  # the finer crop is 30 µm wide
    assert viewport.crop_zoom(COARSE) == pytest.approx(4)
    assert viewport.crop_zoom(FINE) == pytest.approx(2)


def test_a_pixel_has_one_size_in_every_pane_where_pixels_are_compared() -> None:
    viewport = Viewport(unit=ZoomUnit.PIXEL).fit([COARSE, FINE], 600, 600)
    assert viewport.crop_zoom(COARSE) == viewport.crop_zoom(FINE) == pytest.approx(2)


@pytest.mark.parametrize("unit", ZoomUnit)
def test_one_to_one_is_of_the_crop_with_the_focus(unit: ZoomUnit) -> None:
    viewport = Viewport(unit=unit).fit([COARSE, FINE], 600, 600).actual_size(FINE)
    assert viewport.crop_zoom(FINE) == pytest.approx(1)
    assert viewport.is_actual_size(FINE)


def test_what_happens_to_fit_at_one_to_one_is_no_choice_of_one_to_one() -> None:
    fitted = Viewport(unit=ZoomUnit.PIXEL).fit([FINE], 300, 300)
    assert fitted.crop_zoom(FINE) == 1.0
    assert not fitted.is_actual_size(FINE)


@given(crops, units, places, st.floats(0.2, 5))
def test_no_pixel_is_larger_than_the_largest_and_one_to_one_can_be_reached(
    sizes: list[CropSize], unit: ZoomUnit, about: tuple[float, float], factor: float
) -> None:
    viewport = Viewport(unit=unit).fit(sizes, 400, 300)
    for _ in range(40):
        viewport = viewport.zoomed(factor, sizes, anchor=about, stage=(400, 300))
    assert max(viewport.crop_zoom(crop) for crop in sizes) <= max(MAX_ZOOM, 1) * 1.0001
    out = viewport.zoomed(1e-9, sizes, anchor=(0, 0), stage=(400, 300))
    assert max(out.crop_zoom(crop) for crop in sizes) <= 1.0001


def test_the_point_under_the_cursor_stays_there() -> None:
    before = Viewport(unit=ZoomUnit.PIXEL, zoom=2.0, x=3.0, y=-4.0, fitted=False)
    after = before.zoomed(1.5, [FINE], anchor=(40, -60), stage=(400, 400))
    assert after.x + 40 / after.zoom == pytest.approx(before.x + 40 / before.zoom)
    assert after.y - 60 / after.zoom == pytest.approx(before.y - 60 / before.zoom)


@given(crops, units, st.lists(places, max_size=5))
def test_the_crops_cannot_be_pulled_out_of_sight(
    sizes: list[CropSize], unit: ZoomUnit, pulls: list[tuple[float, float]]
) -> None:
    viewport = Viewport(unit=unit).fit(sizes, 400, 300)
    for dx, dy in pulls:
        viewport = viewport.panned(dx * 100, dy * 100, sizes)
    assert abs(viewport.x) <= max(crop.width * crop.per_pixel(unit) for crop in sizes) / 2 + 1e-6
    assert abs(viewport.y) <= max(crop.height * crop.per_pixel(unit) for crop in sizes) / 2 + 1e-6


def test_without_crops_nothing_moves() -> None:
    viewport = Viewport()
    assert viewport.fit([], 10, 10) == viewport
    assert viewport.panned(5, 5, []) == viewport
    assert viewport.zoomed(2, [], anchor=(0, 0), stage=(10, 10)) == viewport


@pytest.mark.parametrize(("px_per_um", "length"), [(1, 50), (3, 20), (8, 5), (60, 1), (500, 1)])
def test_the_scale_bar_has_the_longest_round_length_that_fits(
    px_per_um: float, length: int
) -> None:
    assert bar_length_um(px_per_um, 72) == length


@pytest.mark.parametrize(
    ("n", "width", "height", "columns"),
    [(2, 800, 400, 2), (2, 400, 900, 1), (3, 800, 420, 3), (4, 800, 800, 2), (8, 810, 420, 4)],
)
def test_the_grid_gives_the_largest_crops(n: int, width: int, height: int, columns: int) -> None:
    assert columns_for(n, width=width, height=height, caption=60) == columns


@given(st.integers(1, 8), st.integers(1, 4000), st.integers(1, 2200))
def test_no_other_grid_gives_larger_crops(n: int, width: int, height: int) -> None:
    def side(columns: int) -> float:
        return min(width / columns, height / -(-n // columns) - 60)

    chosen = columns_for(n, width=width, height=height, caption=60)
    assert side(chosen) == max(side(columns) for columns in range(1, n + 1))


def test_arrows_move_between_panes_and_stop_at_the_edges() -> None:
    # 0 1 2
    # 3 4
    assert neighbour(0, 5, 3, right=1, down=0) == 1
    assert neighbour(2, 5, 3, right=1, down=0) == 3
    assert neighbour(4, 5, 3, right=1, down=0) == 4
    assert neighbour(0, 5, 3, right=-1, down=0) == 0
    assert neighbour(1, 5, 3, right=0, down=1) == 4
    assert neighbour(2, 5, 3, right=0, down=1) == 4  # no pane below: the last one
    assert neighbour(4, 5, 3, right=0, down=1) == 4
    assert neighbour(4, 5, 3, right=0, down=-1) == 1
