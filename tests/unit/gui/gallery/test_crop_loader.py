"""Pictures out of the store."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.unit.gui.gallery.drawn_gallery import crop
from wbc_desktop.gui.gallery.crop_loader import crop_loader, image_of
from wbc_desktop.gui.gallery.thumbnails import Loader
from wbc_desktop.store.crops import CropStore


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    """Cells 1 and 3 share a crop of 200 × 300 px; the crop of cell 2 is lost."""
    file = tmp_path / "crop.png"
    assert crop(77, 200, 300).save(str(file))
    store = CropStore(tmp_path / "crops.db")
    sha = store.add(file.read_bytes()).sha256
    shas = {1: sha, 2: "ab" * 32, 3: sha}

    def shas_of(cell_ids: Sequence[int]) -> list[str]:
        return [shas[cell] for cell in cell_ids]

    yield crop_loader(shas_of, store)
    store.close()


def test_small_tiles_show_thumbnails(loader: Loader) -> None:
    images = loader([1, 2, 3], 128)
    assert sorted(images) == [1, 3]
    assert (images[3].width(), images[3].height()) == (85, 128)


def test_large_tiles_show_the_crop_itself(loader: Loader) -> None:
    images = loader([1, 2], 129)
    assert sorted(images) == [1]
    assert (images[1].width(), images[1].height()) == (200, 300)
    assert images[1].pixelColor(100, 100).red() == 77


def test_pixels_keep_their_colour_and_order() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[1, 2] = (1, 2, 3)
    image = image_of(pixels)
    assert image.pixelColor(2, 1).getRgb() == (1, 2, 3, 255)
    assert image.pixelColor(0, 0).getRgb() == (0, 0, 0, 255)
