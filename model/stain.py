"""Stain jitter: what another laboratory's stain, lamp and white balance would make of a crop.

Colour is changed as optical density, where dye amounts add: the dyes' strength, their hue, and
the colour of the light are drawn anew for each crop.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


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
