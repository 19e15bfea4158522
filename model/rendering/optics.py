"""From amounts of dye to pixels: absorption, lamp, lens, sensor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.rendering.canvas import Canvas
    from model.rendering.sites import Site

Channels = NDArray[np.float32]


def photograph(canvas: Canvas, site: Site) -> NDArray[np.uint8]:
    """What the site's camera makes of a field.

    Light follows Beer–Lambert, I = I₀ · exp(−Σ amount · vector), with I₀ the empty field in sRGB,
    as is usual in stain deconvolution (Ruifrok and Johnston 2001).

    Args:
        canvas: Painted field.
        site: Stain vectors, empty field, lamp, lens and sensor.

    Returns:
        uint8 (size, size, 3), sRGB.
    """
    rng = canvas.rng
    size = canvas.planes.shape[1]
    vectors = site.stains.matrix() * rng.normal(1.0, site.stain_spread)
    density = vectors.T @ canvas.planes.reshape(len(vectors), -1)
    light = np.exp(-density, dtype=np.float32).reshape(3, size, size)
    light *= np.asarray(site.background, np.float32)[:, None, None]
    light *= _lamp(size, strength=site.vignette, rng=rng)
    defocus = abs(rng.normal(0, 0.25))
    sharp = blurred(light, sigma=site.blur_um * (1 + defocus) / canvas.um_per_px)
    if site.sharpen:
        halo = blurred(sharp, sigma=site.sharpen_um / canvas.um_per_px)
        sharp = sharp + site.sharpen * (sharp - halo)
    if site.aberration_px:
        sharp = _fringed(sharp, shift=site.aberration_px * rng.uniform(-1, 1))
    if site.noise:
        sharp = sharp + site.noise * rng.standard_normal(sharp.shape, dtype=np.float32)
    pixels: NDArray[np.uint8] = np.clip(sharp + 0.5, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(1, 2, 0))


def blurred(light: Channels, *, sigma: float) -> Channels:
    """Gaussian blur of (channels, rows, columns), edges repeated; `sigma` in pixels."""
    if sigma < 0.2:
        return light
    reach = max(1, math.ceil(2.3 * sigma))
    taps = [math.exp(-0.5 * (k / sigma) ** 2) for k in range(reach + 1)]
    total = taps[0] + 2 * sum(taps[1:])
    for axis in (1, 2):
        light = _smeared(light, taps=[tap / total for tap in taps], axis=axis)
    return light


def _smeared(light: Channels, *, taps: list[float], axis: int) -> Channels:
    """Convolution along one axis with a symmetric kernel given from its middle outwards."""
    reach = len(taps) - 1
    pad = [(0, 0), (0, 0), (0, 0)]
    pad[axis] = (reach, reach)
    padded = np.pad(light, pad, mode="edge")
    count = light.shape[axis]

    def shifted(k: int) -> Channels:
        return (
            padded[:, reach + k : reach + k + count]
            if axis == 1
            else padded[:, :, reach + k : reach + k + count]
        )

    out = light * np.float32(taps[0])
    for k in range(1, reach + 1):
        out += (shifted(k) + shifted(-k)) * np.float32(taps[k])
    return out


def _lamp(size: int, *, strength: float, rng: np.random.Generator) -> Channels:
    """Uneven light: a slope across the field, float32 (size, size), around 1."""
    turn = rng.uniform(0, math.tau)
    slope = strength * rng.uniform(0, 1)
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    across = np.float32(slope * math.cos(turn)) * axis[None, :]
    down = np.float32(slope * math.sin(turn)) * axis[:, None]
    return np.float32(1) + across + down


def _fringed(light: Channels, *, shift: float) -> Channels:
    """Lateral chromatic aberration: red moves one way and blue the other, by part of a pixel."""
    part = min(abs(shift), 1.0)
    out = light.copy()
    red, blue = (1, -1) if shift > 0 else (-1, 1)
    out[0] = (1 - part) * light[0] + part * np.roll(light[0], red, axis=1)
    out[2] = (1 - part) * light[2] + part * np.roll(light[2], blue, axis=1)
    return out
