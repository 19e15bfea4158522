"""Augmentation keeps what it should and follows its seed."""

import torch

from model.data.augment import Augmentation, augment, blur_some, centre_windows, random_affine
from model.data.crop_set import CACHE_SIZE
from model.data.scale import INPUT_SIZE
from model.data.stain import StainJitter, jitter_stain


def crops(n: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    shape = (n, CACHE_SIZE, CACHE_SIZE, 3)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


def seeded(seed: int = 7) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_result_is_a_batch_of_network_inputs() -> None:
    result = augment(crops(), seeded(), Augmentation())
    assert result.shape == (6, INPUT_SIZE, INPUT_SIZE, 3)
    assert result.dtype == torch.uint8


def test_the_same_seed_gives_the_same_batch_and_another_seed_another() -> None:
    first = augment(crops(), seeded(7), Augmentation())
    assert torch.equal(first, augment(crops(), seeded(7), Augmentation()))
    assert not torch.equal(first, augment(crops(), seeded(8), Augmentation()))


def test_the_cached_crops_are_left_as_they_are() -> None:
    batch = crops()
    augment(batch, seeded(), Augmentation(jpeg=1.0))
    assert torch.equal(batch, crops())


def test_turning_alone_changes_neither_size_nor_brightness() -> None:
    still = Augmentation(
        zoom=0.0, stretch=0.0, shift=0.0, plain_colour=1.0, blur=(0.0, 1.0), noise=0.0, jpeg=0.0
    )
    smooth = torch.arange(CACHE_SIZE, dtype=torch.float32)[None, :, None, None].expand(
        1, CACHE_SIZE, CACHE_SIZE, 3
    )
    batch = smooth.to(torch.uint8)
    centre = centre_windows(batch)[0, :, :, 0].float()
    # Turned about its centre, a ramp keeps its mean and its steepness.
    turned = augment(batch, seeded(), still)[0, :, :, 0].float()
    assert abs(float(turned.mean() - centre.mean())) < 1.0
    assert abs(float(turned.std() - centre.std())) < 1.0


def test_maps_turn_and_flip_but_hardly_shear() -> None:
    linear = random_affine(500, seeded(), Augmentation())[:, :, :2]
    determinant = torch.linalg.det(linear)
    assert 0.4 < float((determinant < 0).float().mean()) < 0.6
    first, second = linear[:, :, 0], linear[:, :, 1]
    cosine = (first * second).sum(1) / (first.norm(dim=1) * second.norm(dim=1))
    assert float(cosine.abs().max()) < 1e-4


def test_stain_jitter_keeps_the_range_and_without_strength_the_image() -> None:
    images = 255.0 * torch.rand(4, 3, 16, 16, generator=seeded())
    wild = jitter_stain(images, seeded(), StainJitter(1.0, 1.0, 0.5, 0.5, 0.5, 0.5))
    assert float(wild.min()) >= 0.0
    assert float(wild.max()) <= 255.0
    still = jitter_stain(images, seeded(), StainJitter(0, 0, 0, 0, 0, 0))
    torch.testing.assert_close(still, images, atol=0.05, rtol=0)


def test_blur_keeps_the_mean_and_takes_contrast() -> None:
    images = 255.0 * torch.rand(3, 3, 32, 32, generator=seeded())
    blurred = blur_some(images, seeded(), 1.0, 1.6)
    assert (blurred.std(dim=(2, 3)) < images.std(dim=(2, 3))).all()
    torch.testing.assert_close(
        blurred.mean(dim=(2, 3)), images.mean(dim=(2, 3)), atol=6.0, rtol=0.0
    )
