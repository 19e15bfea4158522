"""Textures: periodic tiles of band-limited noise and of scattered granules.

A tile covers 32 × 32 µm and is sampled at any scale and from a random corner, mirrored at random,
so that a texture costs two gathers instead of a filter. One more texture: a row in `BANDS` or
`GRAINS`.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

TILE_PX = 512
PX_PER_UM = 16.0


class Band(NamedTuple):
    """Noise around one wavelength (µm); `octaves` below it add coarser, stronger waves."""

    wavelength: float
    octaves: int = 1


class Grain(NamedTuple):
    """Discs of radius `radius` ± `spread` (µm), `density` of them per µm², thrown without order."""

    radius: float
    spread: float
    density: float


BANDS: Mapping[str, Band] = MappingProxyType(
    {
        "grain": Band(0.35),
        "lace": Band(0.65, 2),
        "clump": Band(0.95, 2),
        "block": Band(1.5, 2),
        "cloud": Band(2.6, 3),
        "drift": Band(8.0, 2),
    }
)
GRAINS: Mapping[str, Grain] = MappingProxyType(
    {
        "dust": Grain(0.15, 0.05, 2.0),
        "azurophil": Grain(0.20, 0.06, 2.4),
        "coarse": Grain(0.31, 0.05, 3.2),
        "basophilic": Grain(0.29, 0.08, 3.8),
        "thrombocyte": Grain(0.24, 0.07, 3.2),
    }
)


class NoiseTable:
    """Immutable textures, the same for the same seed.

    Args:
        seed: Seed of the tiles.
    """

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        tiles = {name: _band_tile(band, rng) for name, band in BANDS.items()}
        tiles.update({name: _grain_tile(grain, rng) for name, grain in GRAINS.items()})
        for tile in tiles.values():
            tile.setflags(write=False)
        self._tiles = MappingProxyType(tiles)

    def sample(
        self, name: str, *, shape: tuple[int, int], um_per_px: float, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """A random, randomly mirrored piece of one texture.

        Args:
            name: A key of `BANDS` (mean 0, standard deviation 1) or `GRAINS` (0 to 1).
            shape: Rows and columns wanted.
            um_per_px: Scale of the grid that asks, µm per pixel.
            rng: Chooses the corner and the mirror.

        Returns:
            float32 (rows, columns).
        """
        tile = self._tiles[name]
        row, column, mirror = (int(v) for v in rng.integers(0, (TILE_PX, TILE_PX, 8)))
        step = um_per_px * PX_PER_UM
        rows = _walk(row, step=-step if mirror & 1 else step, count=shape[0])
        columns = _walk(column, step=-step if mirror & 2 else step, count=shape[1])
        if mirror & 4:
            return tile.take(rows[:, None] + TILE_PX * columns)
        return tile.take(TILE_PX * rows[:, None] + columns)


@functools.cache
def noise_table(seed: int = 0) -> NoiseTable:
    """The textures of a seed, built once in a process (about 0.1 s) and never changed."""
    return NoiseTable(seed)


def _walk(start: int, *, step: float, count: int) -> NDArray[np.intp]:
    """`count` places along a side of the tile, around its end if need be."""
    return (start + step * np.arange(count)).astype(np.intp) % TILE_PX


def _band_tile(band: Band, rng: np.random.Generator) -> NDArray[np.float32]:
    """White noise filtered to one octave, or to several with amplitude falling as 1/f."""
    spectrum = np.fft.rfft2(rng.standard_normal((TILE_PX, TILE_PX)))
    fy = np.fft.fftfreq(TILE_PX)[:, None] * PX_PER_UM
    fx = np.fft.rfftfreq(TILE_PX)[None, :] * PX_PER_UM
    log_f = np.log2(np.maximum(np.hypot(fy, fx), 1e-6) * band.wavelength)
    gain = np.zeros_like(log_f)
    for octave in range(band.octaves):
        gain += np.exp(-(((log_f + octave) / 0.45) ** 2)) * 1.6**octave
    tile = np.fft.irfft2(spectrum * gain, s=(TILE_PX, TILE_PX))
    tile -= tile.mean()
    normal: NDArray[np.float32] = (tile / tile.std()).astype(np.float32)
    return normal


def _grain_tile(grain: Grain, rng: np.random.Generator) -> NDArray[np.float32]:
    """Discs with soft edges, brighter in the middle, wrapped around the borders of the tile."""
    tile = np.zeros((TILE_PX, TILE_PX), np.float32)
    area = (TILE_PX / PX_PER_UM) ** 2
    for _ in range(round(grain.density * area)):
        radius = max(rng.normal(grain.radius, grain.spread), 0.4 * grain.radius) * PX_PER_UM
        cy, cx = rng.uniform(0, TILE_PX, 2)
        reach = int(radius) + 2
        rows = np.arange(int(cy) - reach, int(cy) + reach + 1)
        columns = np.arange(int(cx) - reach, int(cx) + reach + 1)
        squeeze = rng.uniform(0.8, 1.25)
        distance = np.hypot((rows[:, None] - cy) * squeeze, (columns[None, :] - cx) / squeeze)
        edge = np.clip((radius - distance) / 2.0 + 0.5, 0, 1)
        disc = edge * (1.0 - 0.55 * np.clip(distance / radius, 0, 1) ** 2) * rng.uniform(0.6, 1.0)
        where = np.ix_(rows % TILE_PX, columns % TILE_PX)
        tile[where] = np.maximum(tile[where], disc)
    return tile
