"""Small pictures for tests: a disc on a noisy ground, another one for each seed."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pixels(seed: int = 0, *, height: int = 40, width: int = 48) -> NDArray[np.uint8]:
    """Return a crop: uint8 (height, width, 3), sRGB, no symmetry that a turn could hide."""
    noise = np.random.default_rng(seed).integers(0, 24, (height, width, 3))
    rows, columns = np.mgrid[:height, :width]
    disc = (rows - height / 3) ** 2 + (columns - width / 3) ** 2 < (height / 5) ** 2
    colour = np.where(disc[..., None], (100, 60, 150), (225, 205, 215))
    return (colour + noise).clip(0, 255).astype(np.uint8)


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    """Return an image file."""
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def png(seed: int = 0, *, height: int = 40, width: int = 48) -> bytes:
    """Return a crop as PNG, another one for each seed."""
    return encoded(Image.fromarray(pixels(seed, height=height, width=width)), "PNG")


def jpeg(seed: int = 0, *, height: int = 40, width: int = 48) -> bytes:
    """Return a crop as JPEG, another one for each seed."""
    return encoded(Image.fromarray(pixels(seed, height=height, width=width)), "JPEG", quality=90)


def write(root: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder, making the folders they need, and return the folder."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root
