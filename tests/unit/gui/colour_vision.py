"""Contrast and colour blindness in numbers: WCAG 2, Machado 2009, distances in Oklab."""

import numpy as np
from numpy.typing import NDArray

# Machado, Oliveira, Fernandes 2009, severity 1.0, for linear RGB.
MACHADO = {
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> NDArray[np.float64]:
    """Return linear RGB, float64 (3,) in [0, 1], of ``#RRGGBB``."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    high, low = sorted((float(linear(a) @ weights), float(linear(b) @ weights)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def distance(a: str, b: str, *, vision: str = "normal") -> float:
    """Return how far two colours are apart in Oklab, times 100, for a kind of vision."""
    return float(100 * np.linalg.norm(_oklab(a, vision) - _oklab(b, vision)))


def _oklab(colour: str, vision: str) -> NDArray[np.float64]:
    rgb = linear(colour)
    if vision in MACHADO:
        rgb = np.clip(np.array(MACHADO[vision]) @ rgb, 0, 1)
    lms = (
        np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        )
        @ rgb
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    ) @ np.cbrt(lms)
    return np.asarray(lab, np.float64)
