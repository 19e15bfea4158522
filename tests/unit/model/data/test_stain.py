"""Standard stain undoes the light of another lamp; twins recolour the share they should."""

import pytest
import torch

from model.data.stain import STANDARD_GROUND, stain_twins, standard_stain


def lit_crop(lamp: tuple[float, float, float], strength: float = 1.0) -> torch.Tensor:
    """A violet nucleus in pale plasma, under a lamp of this colour: uint8 (1, 64, 64, 3)."""
    axis = torch.arange(64.0) - 31.5
    radius = torch.hypot(axis[:, None], axis[None, :])
    dye = 1.2 * (radius < 12) + 0.25 * ((radius >= 12) & (radius < 22))
    density = strength * dye[..., None] * torch.tensor([0.8, 1.0, 0.35])
    grain = 0.01 * torch.rand(64, 64, 1, generator=torch.Generator().manual_seed(0))
    light = torch.exp(-density - grain) * torch.tensor(lamp)
    return light.round().to(torch.uint8)[None]


def mean_difference(a: torch.Tensor, b: torch.Tensor) -> float:
    """In grey levels."""
    return float((a.float() - b.float()).abs().mean())


@pytest.mark.parametrize(
    ("lamp", "strength"), [((215.0, 225.0, 180.0), 1.0), ((240.0, 236.0, 228.0), 0.7)]
)
def test_two_lights_and_strengths_of_stain_become_nearly_one_picture(
    lamp: tuple[float, float, float], strength: float
) -> None:
    usual, other = lit_crop((242.0, 238.0, 230.0)), lit_crop(lamp, strength)
    before = mean_difference(usual, other)
    after = mean_difference(standard_stain(usual), standard_stain(other))
    assert before > 5.0
    assert after < min(3.0, before / 3)


def test_the_ground_is_the_standard_and_the_hue_of_the_dye_stays() -> None:
    result = standard_stain(lit_crop((215.0, 225.0, 180.0)))
    assert result.dtype == torch.uint8
    corner = -((result[0, :6, :6].float() + 1.0) / 256.0).log().mean(dim=(0, 1))
    torch.testing.assert_close(corner, torch.tensor(STANDARD_GROUND), atol=0.02, rtol=0.0)
    nucleus = -((result[0, 30:34, 30:34].float() + 1.0) / 256.0).log().mean(dim=(0, 1)) - corner
    torch.testing.assert_close(
        nucleus / nucleus[1], torch.tensor([0.8, 1.0, 0.35]), atol=0.03, rtol=0
    )


def test_a_crop_without_a_nucleus_is_not_blown_up() -> None:
    flat = torch.full((1, 32, 32, 3), 200, dtype=torch.uint8)
    result = standard_stain(flat)
    assert int(result.max()) - int(result.min()) <= 20
    assert mean_difference(result[..., :1], result[..., 2:]) < 1.0


def noise(n: int) -> torch.Tensor:
    return 40.0 + 200.0 * torch.rand(n, 3, 12, 12, generator=torch.Generator().manual_seed(1))


def seeded(seed: int = 4) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_twins_change_the_chosen_share_and_no_other(share: float) -> None:
    images = noise(400) * torch.rand(400, 3, 1, 1, generator=seeded(9)).clamp_min(0.3)
    result = stain_twins(images, seeded(), share)
    changed = (result != images).flatten(1).any(dim=1).float().mean()
    assert abs(float(changed) - share) < 0.07
    assert float(result.min()) >= 0.0
    assert float(result.max()) <= 255.0


def test_a_twin_has_the_colours_of_the_other_and_the_shape_of_its_own() -> None:
    images = noise(2)
    images[1] *= torch.tensor([0.9, 0.5, 0.8])[:, None, None]
    seed = next(s for s in range(20) if torch.randperm(2, generator=seeded(s))[0] == 1)
    twin = stain_twins(images, seeded(seed), 1.0)[0]
    density, other, own = (-((i + 1.0) / 256.0).log() for i in (twin, images[1], images[0]))
    torch.testing.assert_close(density.mean((1, 2)), other.mean((1, 2)), atol=0.02, rtol=0.0)
    torch.testing.assert_close(density.std((1, 2)), other.std((1, 2)), atol=0.03, rtol=0.0)
    correlation = torch.corrcoef(torch.stack([density.flatten(1)[0], own.flatten(1)[0]]))[0, 1]
    assert float(correlation) > 0.98
