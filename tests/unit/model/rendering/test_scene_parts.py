"""What a crop is built from: textures, shapes, red cells, light."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from model.rendering import redcells
from model.rendering.canvas import MIDDLE, Canvas, Point, chain, cover, cut, disc, ellipse, join
from model.rendering.noise import BANDS, GRAINS, NoiseTable, noise_table
from model.rendering.optics import blurred, photograph
from model.rendering.recipes import RECIPES
from model.rendering.sites import SITES
from model.rendering.stains import STAINS, Stains

QUIET = replace(SITES["demo"], noise=0, vignette=0, stain_spread=0, sharpen=0, aberration_px=0)


def field(size: int = 200, um_per_px: float = 0.1) -> Canvas:
    """An empty field of 20 µm."""
    return Canvas(size=size, um_per_px=um_per_px, noise=noise_table(), rng=np.random.default_rng(0))


def test_textures_are_normalised_and_cannot_be_changed() -> None:
    table = NoiseTable(seed=1)
    rng = np.random.default_rng(0)
    for name in (*BANDS, *GRAINS):
        tile = table.sample(name, shape=(512, 512), um_per_px=1 / 16, rng=rng)
        assert tile.dtype == np.float32
        if name in BANDS:
            assert (tile.mean(), tile.std()) == pytest.approx((0, 1), abs=1e-3)
        else:
            assert 0 <= tile.min() < tile.max() <= 1
    assert noise_table() is noise_table()


def test_a_disc_and_an_ellipse_cover_their_area() -> None:
    patch = field().patch(MIDDLE, 9.0)
    for distance in (
        disc(patch, Point(1.0, -2.0), 3.0),
        ellipse(patch, Point(1.0, -2.0), radius=3.0, ratio=1.6, angle=0.7),
    ):
        area = float(cover(distance, soft=0.1).sum()) * patch.px**2
        assert area == pytest.approx(math.pi * 9, rel=0.03)


def test_union_and_cut_behave_like_sets() -> None:
    patch = field().patch(MIDDLE, 9.0)
    left, right = disc(patch, Point(-2, 0), 3.0), disc(patch, Point(2, 0), 3.0)
    inside = {"left": left < 0, "right": right < 0}
    assert (join(left, right, blend=0.01) < -0.01).sum() == pytest.approx(
        (inside["left"] | inside["right"]).sum(), rel=0.02
    )
    assert (cut(left, right, blend=0.01) < 0).sum() == pytest.approx(
        (inside["left"] & ~inside["right"]).sum(), rel=0.02
    )
    with pytest.raises(ValueError, match="two points"):
        chain(patch, [MIDDLE], [1.0])


def test_an_object_beyond_the_field_paints_nothing() -> None:
    canvas = field()
    assert canvas.patch(Point(40.0, 0.0), 5.0).empty
    partly = canvas.patch(Point(10.0, 0.0), 2.0)
    partly.add("haemoglobin", np.ones(partly.shape, np.float32))
    assert canvas.planes[STAINS.index("haemoglobin")].sum() == partly.shape[0] * partly.shape[1]
    assert partly.shape[1] < partly.shape[0]


def test_red_cells_make_room_for_the_white_cell() -> None:
    canvas = field(size=300)
    style = replace(SITES["demo"].red_cells, per_1000_um2=14)
    cells = redcells.scatter(canvas, style, keep_out=[(MIDDLE, 7.0)])
    assert len(cells) > 5
    assert all(math.dist(cell.centre, MIDDLE) > 7.0 + 0.9 * cell.radius for cell in cells)
    assert len({cell.radius for cell in cells}) == len(cells)


def test_an_empty_field_is_the_background() -> None:
    crop = photograph(field(), QUIET)
    assert crop.reshape(-1, 3).min(axis=0).tolist() == [250, 241, 230]
    assert crop.reshape(-1, 3).max(axis=0).tolist() == [250, 241, 230]


def test_light_falls_exponentially_with_the_amount_of_dye() -> None:
    canvas = field(size=64)
    canvas.planes[STAINS.index("azure")] = 2.0
    expected = [
        light * math.exp(-2 * density)
        for light, density in zip(QUIET.background, QUIET.stains.azure, strict=True)
    ]
    assert photograph(canvas, QUIET).mean(axis=(0, 1)) == pytest.approx(expected, abs=0.6)


def test_blur_keeps_the_light_and_lowers_the_contrast() -> None:
    light = np.random.default_rng(0).uniform(0, 255, (3, 40, 40)).astype(np.float32)
    soft = blurred(light, sigma=1.5)
    assert soft.mean() == pytest.approx(light.mean(), rel=0.02)
    assert soft.std() < 0.4 * light.std()
    assert blurred(light, sigma=0.0) is light


def test_stains_survive_the_way_through_a_matrix() -> None:
    stains = SITES["demo"].stains
    assert np.allclose(Stains.from_matrix(stains.matrix()).matrix(), stains.matrix())
    pale = stains.strengthened(nuclear=0.5)
    assert pale.chromatin[1] == pytest.approx(stains.chromatin[1] / 2)
    assert pale.haemoglobin == pytest.approx(stains.haemoglobin)


@pytest.mark.parametrize("class_id", sorted(RECIPES))
def test_a_nucleus_lies_mostly_inside_its_cell(class_id: str) -> None:
    recipe = RECIPES[class_id]
    radius = sum(recipe.diameter) / 4
    for seed in range(5):
        canvas = Canvas(
            size=300, um_per_px=0.1, noise=noise_table(), rng=np.random.default_rng(seed)
        )
        patch = canvas.patch(MIDDLE, radius * 1.4)
        nucleus = recipe.nucleus(patch, radius).distance < 0
        cell = disc(patch, MIDDLE, radius) < 0
        share = nucleus.sum() / cell.sum()
        assert 0.12 < share < 0.95
        assert (nucleus & cell).sum() > 0.93 * nucleus.sum()
