"""The scale of a crop as it is shown to people, and how long a bar to draw for it."""

import math
from dataclasses import dataclass

_STEPS = (5.0, 2.0, 1.0)
_RANGE_UM = (1e-3, 1e6)  # nothing outside is a length on a smear


@dataclass(frozen=True, kw_only=True)
class CropScale:
    """How many µm a pixel of a crop shows.

    Attributes:
        um_per_px: µm per pixel, > 0.
        estimated: True if it was taken from the usual size of a nucleus, so that nothing can be
            measured with it.
    """

    um_per_px: float
    estimated: bool


def bar_length(um_per_px: float, *, room_px: float) -> float:
    """Return the longest round length that fits, in µm: 1, 2 or 5 times a power of ten.

    Args:
        um_per_px: µm per pixel of the screen, > 0.
        room_px: Pixels there are for the bar.

    Returns:
        µm; 0 where no round length from a nanometre to a metre fits.
    """
    longest = um_per_px * room_px
    if not (math.isfinite(longest) and _RANGE_UM[0] <= longest <= _RANGE_UM[1]):
        return 0.0
    power = 10.0 ** math.floor(math.log10(longest) + 1e-9)
    return next(step * power for step in _STEPS if step * power <= longest * (1 + 1e-9))


def length_words(um: float) -> str:
    """Return a length in µm, or in nm or mm where that is shorter."""
    if um >= 1000.0:
        return f"{um / 1000:g} mm"
    return f"{um:g} µm" if um >= 1.0 else f"{round(1000 * um):d} nm"
