"""Stain: what another laboratory's dyes, lamp and white balance would make of a crop, and back.

Colour is changed as optical density, where dye amounts add. `jitter_stain` draws the dyes'
strength, their hue and the colour of the light anew for each crop; `stain_twins` takes them from
another crop; `standard_stain` gives every crop the same ground and the same density.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

GROUND_SHARE: Final = 0.08  # the lightest pixels of a crop, which show its ground
DENSE_SHARE: Final = 0.97  # the pixels below the densest, which show its nucleus
STANDARD_GROUND: Final = (0.06, 0.08, 0.06)  # optical density of the ground given to all
STANDARD_DENSITY: Final = 0.87  # mean optical density of a nucleus above it
SCALING: Final = (0.4, 2.5)  # of a crop's density: beyond, the crop shows no nucleus


@dataclass(frozen=True)
class StainJitter:
    """How far colour may wander; standard deviations, in optical density where it applies.

    Attributes:
        strength: of all dyes together, log scale.
        channel: of each colour channel's density, log scale.
        mixing: of what each channel takes from the other two (the dyes' hue).
        light: of the ground's colour, per channel, in density.
        exposure: of the ground's brightness, in density.
        gamma: of the display curve, log scale.
    """

    strength: float = 0.20
    channel: float = 0.15
    mixing: float = 0.08
    light: float = 0.10
    exposure: float = 0.10
    gamma: float = 0.10


def jitter_stain(images: Tensor, generator: torch.Generator, jitter: StainJitter) -> Tensor:
    """Draw new stain, light and exposure for each image.

    Args:
        images: float (n, 3, h, w), 0..255.
        generator: source of randomness.
        jitter: how far to go.

    Returns:
        float (n, 3, h, w), 0..255.
    """
    n = len(images)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    density = -((images + 1.0) / 256.0).log()  # (n, 3, h, w), >= 0
    gain = (jitter.strength * normal(n, 1, 1) + jitter.channel * normal(n, 3, 1)).exp()
    mixing = jitter.mixing * normal(n, 3, 3)
    mixing = mixing - torch.diag_embed(torch.diagonal(mixing, dim1=1, dim2=2))
    matrix = gain * (torch.eye(3) + mixing)  # (n, 3, 3)
    density = torch.einsum("nij,njhw->nihw", matrix, density)
    light = jitter.light * normal(n, 3, 1, 1) + jitter.exposure * normal(n, 1, 1, 1)
    gamma = (jitter.gamma * normal(n, 1, 1, 1)).exp()
    density = (density * gamma + light).clamp_min(0.0)
    return ((-density).exp() * 256.0 - 1.0).clamp(0.0, 255.0)


def stain_twins(images: Tensor, generator: torch.Generator, share: float) -> Tensor:
    """Give a share of the images the colours of another image of the batch.

    Mean and deviation of each channel's optical density are taken over (Reinhard et al., "Color
    transfer between images", 2001, in density in place of their lαβ space). In a batch of several
    domains this swaps stains between them.

    Args:
        images: float (n, 3, h, w), 0..255.
        generator: source of randomness.
        share: 0..1.

    Returns:
        float (n, 3, h, w), 0..255.
    """
    density = -((images + 1.0) / 256.0).log()
    mean = density.mean(dim=(2, 3), keepdim=True)  # (n, 3, 1, 1)
    spread = density.std(dim=(2, 3), keepdim=True).clamp_min(0.02)
    other = torch.randperm(len(images), generator=generator)
    recoloured = ((density - mean) / spread * spread[other] + mean[other]).clamp_min(0.0)
    chosen = torch.rand(len(images), 1, 1, 1, generator=generator) < share
    twins = ((-recoloured).exp() * 256.0 - 1.0).clamp(0.0, 255.0)
    return torch.where(chosen, twins, images)


def standard_stain(crops: Tensor) -> Tensor:
    """Give every crop the same ground colour and the same density of its darkest parts.

    The ground's optical density is taken off, channel by channel, which undoes lamp and white
    balance; one factor per crop then scales what is left, which keeps the hue of the dyes.

    Args:
        crops: uint8 (n, h, w, 3), sRGB.

    Returns:
        uint8 (n, h, w, 3), sRGB.
    """
    density = -((crops.float() + 1.0) / 256.0).log()  # (n, h, w, 3)
    flat = density.flatten(1, 2)  # (n, hw, 3)
    ground = flat.kthvalue(max(1, int(flat.shape[1] * GROUND_SHARE)), dim=1).values  # (n, 3)
    above = (density - ground[:, None, None, :]).clamp_min(0.0)
    dense = above.flatten(1, 2).kthvalue(int(flat.shape[1] * DENSE_SHARE), dim=1).values
    factor = (STANDARD_DENSITY / dense.mean(dim=1).clamp_min(0.15)).clamp(*SCALING)
    result = above * factor[:, None, None, None] + torch.tensor(STANDARD_GROUND)
    return ((-result).exp() * 256.0 - 1.0).clamp(0.0, 255.0).round().to(torch.uint8)
