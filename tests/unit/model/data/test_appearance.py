"""What the statistics of appearance answer to, and what they do not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.appearance import STATISTICS, appearance
from model.rendering.optics import blurred

COLUMN = {statistic.name: index for index, statistic in enumerate(STATISTICS)}
GROUND_RGB = (240, 230, 220)


def drawn_cell(
    *, nucleus: float = 1.2, diameter: float = 60.0, ground: tuple[int, ...] = GROUND_RGB
) -> NDArray[np.uint8]:
    """A disc of dye, `nucleus` OD in red, on an even ground: uint8 (128, 128, 3)."""
    axis = np.arange(128) - 63.5
    disc = np.hypot(axis[:, None], axis[None, :]) < diameter / 2
    dye = np.where(disc, nucleus, 0.0)[..., None] * np.array([1.0, 1.3, 0.4])
    crop: NDArray[np.uint8] = (np.exp(-dye) * ground).astype(np.uint8)
    return crop


def measured(crop: NDArray[np.uint8]) -> dict[str, float]:
    values = appearance(crop[None])[0]
    return {name: float(values[index]) for name, index in COLUMN.items()}


def test_a_drawn_cell_is_measured_as_it_was_drawn() -> None:
    got = measured(drawn_cell())
    wanted = -np.log((np.array(GROUND_RGB) + 1.0) / 256.0)
    assert got["ground_density"] == pytest.approx(wanted.mean(), abs=0.005)
    assert got["ground_yellow"] == pytest.approx(wanted[2] - wanted[:2].mean(), abs=0.005)
    assert got["ground_pink"] == pytest.approx(wanted[1] - wanted[0], abs=0.005)
    assert got["nucleus_density"] == pytest.approx(1.2 * (1.0 + 1.3 + 0.4) / 3, abs=0.05)
    assert got["nucleus_red"] == pytest.approx(1.0 / 2.7, abs=0.01)
    assert got["nucleus_blue"] == pytest.approx(0.4 / 2.7, abs=0.01)
    assert got["nucleus_share"] == pytest.approx(60 / 128, abs=0.02)


def test_the_words_of_each_statistic_fit_its_direction() -> None:
    usual, yellow = measured(drawn_cell()), measured(drawn_cell(ground=(240, 230, 150)))
    pale, wide = measured(drawn_cell(nucleus=0.6)), measured(drawn_cell(diameter=90.0))
    word = {statistic.name: statistic.more for statistic in STATISTICS}
    assert yellow["ground_yellow"] > usual["ground_yellow"]
    assert word["ground_yellow"] == "yellower"
    assert pale["nucleus_density"] < usual["nucleus_density"]
    assert word["nucleus_density"] == "darker"
    assert wide["nucleus_share"] > usual["nucleus_share"]
    assert word["nucleus_share"] == "larger"


def test_blur_takes_sharpness_and_grain_gives_noise() -> None:
    crop, rng = drawn_cell(), np.random.default_rng(3)
    light = crop.transpose(2, 0, 1).astype(np.float32)
    soft = blurred(light, sigma=2.5).transpose(1, 2, 0).astype(np.uint8)
    grainy = np.clip(crop + rng.normal(0, 6, crop.shape), 0, 255).astype(np.uint8)
    usual = measured(crop)
    assert measured(soft)["sharpness"] < usual["sharpness"] - 0.5
    assert measured(grainy)["noise"] > usual["noise"] + 0.005


def test_sharpness_does_not_answer_to_the_strength_of_the_stain() -> None:
    pale, dark = measured(drawn_cell(nucleus=0.5)), measured(drawn_cell(nucleus=1.0))
    assert pale["sharpness"] == pytest.approx(dark["sharpness"], abs=0.1)


def test_without_a_nucleus_its_columns_are_not_numbers_and_the_others_are() -> None:
    crops = np.full((2, 128, 128, 3), 230, dtype=np.uint8)
    missing = np.isnan(appearance(crops))
    names = [name for name, index in COLUMN.items() if missing[:, index].all()]
    assert names == ["nucleus_density", "nucleus_red", "nucleus_blue", "nucleus_share"]
    assert missing.sum() == 2 * len(names)


def test_a_crop_is_measured_alike_alone_and_in_a_batch() -> None:
    crops = np.stack([drawn_cell(), drawn_cell(nucleus=0.7), drawn_cell(diameter=40.0)])
    together = appearance(crops)
    assert together.dtype == np.float32
    np.testing.assert_allclose(
        np.concatenate([appearance(c[None]) for c in crops]), together, rtol=1e-5
    )
    assert appearance(crops[:0]).shape == (0, len(STATISTICS))
