import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import nnls

from wbc_desktop.domain.cells.stain_channels import (
    EOSIN_DYE,
    GROUND_PERCENTILE,
    NUCLEUS_DYE,
    StainView,
    dye_amounts,
    stain_picture,
)


def noise(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (9, 11, 3), dtype=np.uint8)


def stained(dye: tuple[float, float, float], amount: float) -> NDArray[np.uint8]:
    """A bright ground with a square of one dye in its middle."""
    pixels = np.full((40, 40, 3), 240.0)
    vector = np.array(dye) / np.linalg.norm(dye)
    pixels[15:25, 15:25] = 241.0 * np.exp(-amount * vector) - 1.0
    return np.asarray(np.rint(pixels), np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_each_pixel_is_the_best_sum_of_two_amounts_that_are_not_negative(seed: int) -> None:
    pixels = noise(seed)
    ground = np.percentile(pixels.reshape(-1, 3), GROUND_PERCENTILE, axis=0)
    dyes = np.array([NUCLEUS_DYE, EOSIN_DYE])
    dyes /= np.linalg.norm(dyes, axis=1, keepdims=True)
    found = dye_amounts(pixels)
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            density = np.maximum(np.log((ground + 1.0) / (pixels[row, column] + 1.0)), 0.0)
            wanted, _ = nnls(dyes.T, density)
            assert found[row, column] == pytest.approx(wanted, abs=1e-4)


def test_each_dye_shows_in_its_own_channel_only() -> None:
    nucleus = dye_amounts(stained(NUCLEUS_DYE, 1.5))[20, 20]
    assert nucleus == pytest.approx([1.5, 0.0], abs=0.05)
    eosin = dye_amounts(stained(EOSIN_DYE, 0.6))[20, 20]
    assert eosin == pytest.approx([0.0, 0.6], abs=0.05)


def test_much_dye_is_dark_and_the_ground_white() -> None:
    shown = stain_picture(stained(NUCLEUS_DYE, 1.5), StainView.NUCLEUS)
    assert shown.dtype == np.uint8
    assert tuple(shown[0, 0]) == (255, 255, 255)
    assert shown[20, 20, 0] == pytest.approx(255 * np.exp(-1.5), abs=4)
    assert stain_picture(stained(NUCLEUS_DYE, 1.5), StainView.EOSIN)[20, 20, 0] > 240


def test_as_is_is_the_crop_itself() -> None:
    pixels = noise()
    assert stain_picture(pixels, StainView.AS_IS) is pixels


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_crop_of_one_colour_holds_no_dye(value: int) -> None:
    flat = np.full((8, 8, 3), value, dtype=np.uint8)
    assert not dye_amounts(flat).any()
    assert (stain_picture(flat, StainView.NUCLEUS) == 255).all()


def test_the_views_go_round() -> None:
    assert StainView.AS_IS.following() is StainView.NUCLEUS
    assert StainView.EOSIN.following() is StainView.AS_IS
