"""Augmentation: the same cell as other slides, stages, lenses and cameras would show it.

Whole batches at a time, on torch tensors, driven by one generator: the same seed gives the same
batch. To add a change: a function from a float (n, 3, h, w) batch in 0..255 to the same, with its
strength in `Augmentation`, called in `augment`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from model.data.crop_set import CONTEXT
from model.data.scale import INPUT_SIZE
from model.data.stain import StainJitter, jitter_stain, stain_twins


@dataclass(frozen=True)
class Augmentation:
    """How far each change may go.

    Attributes:
        zoom: standard deviation of the log of the scale.
        stretch: standard deviation of the log of the aspect ratio.
        shift: standard deviation of the centre, in windows.
        stain: of colour.
        plain_colour: share of crops that keep their colour.
        blur: share of crops that are blurred, and the largest sigma in px.
        noise: largest standard deviation of pixel noise, in grey levels.
        jpeg: share of crops that are JPEG-coded again.
        twins: share of crops that take their colours from another crop.
    """

    zoom: float = 0.14
    stretch: float = 0.05
    shift: float = 0.04
    stain: StainJitter = field(default_factory=StainJitter)
    plain_colour: float = 0.35
    blur: tuple[float, float] = (0.35, 1.6)
    noise: float = 6.0
    jpeg: float = 0.15
    twins: float = 0.0


def augment(
    crops: Tensor, generator: torch.Generator, how: Augmentation, *, size: int = INPUT_SIZE
) -> Tensor:
    """Draw one augmented window from each cached crop.

    Args:
        crops: uint8 (n, s, s, 3), the window with `CONTEXT` around it.
        generator: source of randomness.
        how: strengths.
        size: px, the side of the result.

    Returns:
        uint8 (n, size, size, 3).
    """
    images = sample_windows(crops, random_affine(len(crops), generator, how), size=size)
    if how.twins > 0:
        images = stain_twins(images, generator, how.twins)
    coloured = jitter_stain(images, generator, how.stain)
    plain = torch.rand(len(images), 1, 1, 1, generator=generator) < how.plain_colour
    images = torch.where(plain, images, coloured)
    images = blur_some(images, generator, *how.blur)
    level = how.noise * torch.rand(len(images), 1, 1, 1, generator=generator)
    images = images + level * torch.randn(images.shape, generator=generator)
    result = images.clamp(0.0, 255.0).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    return recode_some(result, generator, how.jpeg)


def centre_windows(crops: Tensor, *, size: int = INPUT_SIZE) -> Tensor:
    """Return the plain window of each cached crop: uint8 (n, s, s, 3) to (n, size, size, 3)."""
    identity = torch.eye(2, 3).expand(len(crops), 2, 3) / CONTEXT
    images = sample_windows(crops, identity, size=size)
    return images.round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def random_affine(n: int, generator: torch.Generator, how: Augmentation) -> Tensor:
    """Draw rotation, flip, zoom, stretch and shift: float (n, 2, 3) for `affine_grid`."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    angle = 2.0 * torch.pi * torch.rand(n, generator=generator)
    flip = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    zoom = (how.zoom * normal(n)).exp() / CONTEXT
    stretch = (0.5 * how.stretch * normal(n)).exp()
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    shift = 2.0 * how.shift / CONTEXT * normal(n, 2, 1)
    rows = torch.stack([cos * stretch * flip, -sin / stretch, sin * stretch * flip, cos / stretch])
    return torch.cat([rows.T.reshape(n, 2, 2), shift], dim=2)


def sample_windows(crops: Tensor, affine: Tensor, *, size: int) -> Tensor:
    """Resample uint8 (n, s, s, 3) crops by (n, 2, 3) maps: float (n, 3, size, size), 0..255."""
    images = crops.permute(0, 3, 1, 2).float().contiguous()
    grid = functional.affine_grid(affine, [len(crops), 3, size, size], align_corners=False)
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=False
    )


def blur_some(images: Tensor, generator: torch.Generator, share: float, sigma: float) -> Tensor:
    """Blur a share of float (n, 3, h, w) images, each by its own Gaussian up to `sigma` px."""
    chosen = torch.nonzero(torch.rand(len(images), generator=generator) < share)[:, 0]
    if not len(chosen):
        return images
    sigmas = 0.3 + (sigma - 0.3) * torch.rand(len(chosen), 1, generator=generator)
    offset = torch.arange(-3.0, 4.0)
    kernel = torch.exp(-0.5 * (offset / sigmas).square())  # (m, 7)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)  # (3m, 7)
    flat = images[chosen].flatten(0, 1)[None]  # (1, 3m, h, w)
    flat = functional.pad(flat, (3, 3, 3, 3), mode="replicate")
    flat = functional.conv2d(flat, kernel[:, None, None, :], groups=len(kernel))
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=len(kernel))
    blurred = images.clone()
    blurred[chosen] = flat.view(len(chosen), 3, *images.shape[2:])
    return blurred


def recode_some(crops: Tensor, generator: torch.Generator, share: float) -> Tensor:
    """Write and read a share of uint8 (n, h, w, 3) crops as JPEG of quality 40..90, in place."""
    for index in torch.nonzero(torch.rand(len(crops), generator=generator) < share)[:, 0].tolist():
        quality = int(torch.randint(40, 91, (1,), generator=generator))
        buffer = io.BytesIO()
        Image.fromarray(crops[index].numpy()).save(buffer, "JPEG", quality=quality)
        crops[index] = torch.from_numpy(np.array(Image.open(buffer)))
    return crops
