"""Appearance: a few numbers that say what stain, lamp, scale and lens made of a prepared crop.

They speak of the slide and not of the class, so far as that can be: colours of the empty ground
and of the nucleus, the nucleus' share of the window, sharpness and noise.
`model.uncertainty.slide_shift`
compares a slide's medians with those of the training sites. Colours are optical densities,
−ln(light / full light), in which dyes add up. Only numpy, over whole batches: this runs on every
crop beside the network and must stay below a tenth of its time.

To add a statistic: an entry in `STATISTICS`, and its column in `appearance`, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STAIN_ADVICE: Final = (
    "Check stain and white balance. Review more cells before you rely on the confidence."
)
SCALE_ADVICE: Final = "Check the µm per pixel of the import, or leave it out and classify again."
FOCUS_ADVICE: Final = (
    "Check focus, the scanner's sharpening and image compression. "
    "Review more cells before you rely on the confidence."
)


@dataclass(frozen=True)
class Statistic:
    """One number of a crop's appearance.

    Attributes:
        name: for tables and JSON.
        text: for people; what `more` and `less` speak of.
        unit: "OD" for optical density, "" for shares and ratios, or how the number is to be read.
        more: what a larger value means.
        less: what a smaller value means.
        advice: what a person can do where it differs.
        floor: a difference between sites that is never worth an alarm, in its unit.
    """

    name: str
    text: str
    unit: str
    more: str
    less: str
    advice: str
    floor: float


STATISTICS: Final[tuple[Statistic, ...]] = (
    Statistic("ground_density", "ground", "OD", "darker", "lighter", STAIN_ADVICE, 0.04),
    Statistic("ground_yellow", "ground colour", "OD", "yellower", "bluer", STAIN_ADVICE, 0.03),
    Statistic("ground_pink", "ground colour", "OD", "pinker", "greener", STAIN_ADVICE, 0.03),
    Statistic("nucleus_density", "nucleus", "OD", "darker", "paler", STAIN_ADVICE, 0.10),
    Statistic("nucleus_red", "nucleus colour", "", "bluer", "redder", STAIN_ADVICE, 0.03),
    Statistic("nucleus_blue", "nucleus colour", "", "yellower", "more violet", STAIN_ADVICE, 0.02),
    Statistic(
        "nucleus_share", "nucleus in its window", "", "larger", "smaller", SCALE_ADVICE, 0.04
    ),
    Statistic(
        "sharpness", "picture", "on a log scale", "sharper", "less sharp", FOCUS_ADVICE, 0.15
    ),
    Statistic("noise", "picture", "OD", "noisier", "smoother", FOCUS_ADVICE, 0.003),
)

GROUND_RANGE: Final = (0.03, 0.12)  # of the sampled pixels, from the brightest on: the ground
MIN_NUCLEUS_OD: Final = 0.15  # above the ground, in red; below it no nucleus is measured
NUCLEUS_LEVEL: Final = 0.55  # of the densest part: where the nucleus ends, as in `model.data.scale`
DENSEST: Final = 0.05  # of the pixels near the centre: the densest part
CENTRE: Final = 0.42  # of the side: the nucleus is sought within this radius
STEP: Final = 4  # px between the sampled pixels, for colours
ROWS: Final = 4  # every fourth row is enough for sharpness and noise
COARSE: Final = 6  # px: the distance that sharpness is relative to
QUIET: Final = 0.5  # share of the places, the evenest ones, in which noise is measured
DENSITY: Final = -np.log((np.arange(256, dtype=np.float32) + 1.0) / 256.0)  # of a byte of sRGB


def appearance(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure crops.

    Args:
        crops: uint8 (n, s, s, 3), prepared by `model.data.scale.preprocess`.

    Returns:
        float32 (n, m), a column for each of `STATISTICS`; NaN in those of the nucleus where
        none stands out.
    """
    if not len(crops):
        return np.empty((0, len(STATISTICS)), dtype=np.float32)
    density = DENSITY[crops[:, STEP // 2 :: STEP, STEP // 2 :: STEP]]  # (n, h, h, 3)
    ground = ground_density(density)  # (n, 3)
    nucleus, share = measure_nucleus(density - ground[:, None, None, :])  # (n, 3), (n,)
    total = nucleus.sum(axis=1)
    sharpness, noise = measure_focus(DENSITY[crops[:, ROWS // 2 :: ROWS, :, 1]])
    columns = (
        ground.mean(axis=1),
        ground[:, 2] - ground[:, :2].mean(axis=1),
        ground[:, 1] - ground[:, 0],
        total / 3.0,
        nucleus[:, 0] / total,
        nucleus[:, 2] / total,
        share,
        sharpness,
        noise,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def ground_density(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Density of the empty ground: the mean of nearly the brightest pixels.

    Args:
        density: float32 (n, h, h, 3).

    Returns:
        float32 (n, 3).
    """
    flat = density.reshape(len(density), -1, 3)
    first, last = (round(share * flat.shape[1]) for share in GROUND_RANGE)
    order = np.argpartition(flat.sum(axis=2), (first, last), axis=1)[:, first:last, None]
    ground: NDArray[np.float32] = np.take_along_axis(flat, order, axis=1).mean(axis=1)
    return ground


def measure_nucleus(
    density: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean density of the nucleus, and its diameter as a share of the crop's side.

    A crude cousin of `model.data.scale.find_nucleus` that takes all crops at once: the pixels near
    the centre that are nearly as dense in red as the densest.

    Args:
        density: float32 (n, h, h, 3), above the ground.

    Returns:
        float32 (n, 3) per channel, and float32 (n,); NaN where nothing is dense enough.
    """
    side = density.shape[1]
    axis = (np.arange(side) + 0.5) / side - 0.5
    near = np.hypot(axis[:, None], axis[None, :]) < CENTRE
    pixels = density[:, near]  # (n, p, 3)
    score = pixels[..., 0] + np.float32(0.3) * pixels[..., 1]
    top = max(1, round(DENSEST * score.shape[1]))
    level = np.partition(score, -top, axis=1)[:, -top:].mean(axis=1)
    inside = (score > NUCLEUS_LEVEL * level[:, None]).astype(np.float32)
    area = inside.sum(axis=1)
    found = (level > MIN_NUCLEUS_OD) & (area > 0)
    area = np.where(found, area, np.nan).astype(np.float32)
    mean: NDArray[np.float32] = np.einsum("np,npc->nc", inside, pixels) / area[:, None]
    share: NDArray[np.float32] = (np.sqrt(area / np.pi) * 2.0 / side).astype(np.float32)
    return mean, share


def measure_focus(
    green: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sharpness and noise along sampled rows.

    Sharpness is ln of the mean squared change over one pixel against that over `COARSE`: how much
    of the crop's contrast is fine. It does not depend on how strong the stain is. Noise is the
    mean second difference of the `QUIET` share of places that have least of it, so that edges do
    not count.

    Args:
        green: float32 (n, r, s), density in green light.

    Returns:
        float32 (n,) each: in about -4..0, and in OD.
    """
    step = np.diff(green, axis=2)
    wide = green[..., COARSE:] - green[..., :-COARSE]
    fine = np.square(step).mean(axis=(1, 2)) + 1e-6
    coarse = np.square(wide).mean(axis=(1, 2)) + 1e-6
    bend = np.abs(np.diff(step, axis=2)).reshape(len(green), -1)
    rank = round(QUIET * bend.shape[1])
    noise: NDArray[np.float32] = np.partition(bend, rank, axis=1)[:, :rank].mean(axis=1)
    return np.log(fine / coarse).astype(np.float32), noise
