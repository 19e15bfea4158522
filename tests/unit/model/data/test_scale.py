"""Scale: cells drawn at known sizes come out alike, known or estimated."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.data.scale import (
    INPUT_SIZE,
    WINDOW_PER_NUCLEUS,
    WINDOW_UM,
    ScaleSource,
    find_nucleus,
    find_window,
    preprocess,
)

GROUND, CYTOPLASM, NUCLEUS, RED_CELL = (
    (240, 228, 215),
    (196, 182, 214),
    (92, 48, 128),
    (214, 165, 150),
)
NUCLEUS_UM = WINDOW_UM / WINDOW_PER_NUCLEUS  # the nucleus for which both windows are the same


def smear(
    side: int, um_per_px: float, *, at: tuple[float, float] = (0.5, 0.5), red_cells: bool = True
) -> NDArray[np.uint8]:
    """Draw a round cell with a round nucleus, and red cells in the corners."""
    image = Image.new("RGB", (side, side), GROUND)
    draw = ImageDraw.Draw(image)
    if red_cells:
        for corner in ((0.08, 0.1), (0.9, 0.15), (0.12, 0.9), (0.93, 0.88)):
            disc(draw, side, corner, 7.5 / um_per_px, RED_CELL)
    disc(draw, side, at, 1.35 * NUCLEUS_UM / um_per_px, CYTOPLASM)
    disc(draw, side, at, NUCLEUS_UM / um_per_px, NUCLEUS)
    return np.asarray(image)


def disc(
    draw: ImageDraw.ImageDraw,
    side: int,
    at: tuple[float, float],
    diameter: float,
    colour: tuple[int, int, int],
) -> None:
    x, y, r = at[0] * side, at[1] * side, diameter / 2
    draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def nuclear_width(prepared: NDArray[np.uint8]) -> int:
    """Widest row of nucleus, px."""
    return int((prepared[..., 0] < 140).sum(axis=1).max())


@pytest.mark.parametrize(("side", "um_per_px"), [(360, 0.1), (180, 0.2), (120, 0.22), (600, 0.05)])
def test_the_known_and_the_estimated_window_agree(side: int, um_per_px: float) -> None:
    crop = smear(side, um_per_px)
    known, estimated = find_window(crop, um_per_px), find_window(crop)
    assert (known.source, estimated.source) == (ScaleSource.KNOWN, ScaleSource.ESTIMATED)
    assert estimated.side == pytest.approx(known.side, rel=0.12)
    assert (estimated.x, estimated.y) == pytest.approx((known.x, known.y), abs=0.03 * side)


def test_cells_of_all_resolutions_come_out_at_one_size() -> None:
    widths = [nuclear_width(preprocess(smear(s, u))[0]) for s, u in [(400, 0.09), (130, 0.2)]]
    assert widths[0] == pytest.approx(widths[1], abs=8)
    assert widths[0] == pytest.approx(INPUT_SIZE / WINDOW_PER_NUCLEUS, abs=8)


def test_the_window_follows_a_cell_that_lies_off_centre() -> None:
    nucleus = find_nucleus(smear(300, 0.1, at=(0.62, 0.42)))
    assert nucleus is not None
    assert (nucleus.x, nucleus.y) == pytest.approx((186, 126), abs=6)


def test_the_lobes_of_one_nucleus_count_together() -> None:
    image = Image.fromarray(smear(240, 0.1, red_cells=False))
    draw = ImageDraw.Draw(image)
    disc(draw, 240, (0.5, 0.5), 140, CYTOPLASM)
    for lobe in ((0.36, 0.5), (0.5, 0.36), (0.62, 0.6)):
        disc(draw, 240, lobe, 36, NUCLEUS)
    nucleus = find_nucleus(np.asarray(image))
    assert nucleus is not None
    assert nucleus.diameter > 75  # one lobe alone would give 36


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_crop_falls_back_to_the_whole_and_says_so(value: int) -> None:
    prepared, source = preprocess(np.full((90, 150, 3), value, dtype=np.uint8))
    assert source is ScaleSource.WHOLE_CROP
    assert prepared.shape == (INPUT_SIZE, INPUT_SIZE, 3)
    assert (prepared == value).all()


def test_beyond_the_border_lies_the_ground_and_not_black() -> None:
    tight = smear(100, 0.2, red_cells=False)  # 20 µm of crop for a 25 µm window
    prepared, source = preprocess(tight, 0.2)
    assert source is ScaleSource.KNOWN
    np.testing.assert_allclose(prepared[0, 0], GROUND, atol=2)
    np.testing.assert_allclose(prepared[-1, -1], GROUND, atol=2)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (64, 64)])
def test_crops_of_any_shape_are_prepared(shape: tuple[int, int]) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for scale in (None, 0.1):
        prepared, _ = preprocess(crop, scale)
        assert prepared.shape == (INPUT_SIZE, INPUT_SIZE, 3)
        assert prepared.dtype == np.uint8


@pytest.mark.parametrize("scale", [0.0, -0.1, float("nan"), float("inf")])
def test_a_scale_that_is_no_size_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        preprocess(smear(60, 0.2), scale)


@pytest.mark.parametrize("scale", [1e-320, 1e-9, 0.0001, 1e9, 1e300])
def test_a_scale_wrong_by_its_unit_costs_no_memory(scale: float) -> None:
    prepared, source = preprocess(smear(200, 0.1, red_cells=False), scale)
    assert source is ScaleSource.KNOWN
    assert prepared.shape == (INPUT_SIZE, INPUT_SIZE, 3)
    if scale < 1:  # the crop is a speck in a field of ground
        np.testing.assert_allclose(prepared[0, 0], GROUND, atol=2)


def test_a_window_wider_than_the_limit_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    crop = smear(300, 0.1)
    whole, _ = preprocess(crop, 0.08)  # a window of 312 px, beyond the border
    monkeypatch.setattr("model.data.scale.LARGEST_WINDOW", 256)
    reduced, _ = preprocess(crop, 0.08)
    assert np.abs(whole.astype(int) - reduced).mean() < 2.0
