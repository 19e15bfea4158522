"""Contrast of colours as the Web Content Accessibility Guidelines 2.2 measure it."""

import re

LEAST_CONTRAST = 3.0
"""For signs and bars (WCAG 1.4.11)."""

LIGHT_SURFACE, DARK_SURFACE = "#FFFFFF", "#1D2024"
"""What classes are shown on in the two themes."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_STEPS = 100


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour: ``#RRGGBB``."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 (none) to 21 (black on white)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#RRGGBB``, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(colour: str, surface: str) -> str:
    """Return a colour as near to this one as can be told from a surface.

    Args:
        colour: ``#RRGGBB``.
        surface: What it is shown on.

    Returns:
        The colour itself where it is good enough, else one mixed with black or white.
    """
    towards = (0, 0, 0) if luminance(surface) > 0.18 else (255, 255, 255)
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = [
            round(part + (end - part) * share)
            for part, end in zip(_parts(colour), towards, strict=True)
        ]
        tried = "#{:02X}{:02X}{:02X}".format(*mixed)
        if contrast(tried, surface) >= LEAST_CONTRAST:
            return tried
    raise ValueError(f"no colour can be told from {surface}")


def _parts(colour: str) -> tuple[int, int, int]:
    if not is_colour(colour):
        raise ValueError(f"not a colour: {colour!r}")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
