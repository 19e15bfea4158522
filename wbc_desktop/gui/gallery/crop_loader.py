"""The loader of the gallery over the store: thumbnails while they suffice, else the crops."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from wbc_desktop.domain.errors import UserError
from wbc_desktop.gui.gallery.thumbnails import Loader

if TYPE_CHECKING:
    from wbc_desktop.store.crops import CropStore

THUMBNAIL_SIDE = 128  # longest side in pixels of the thumbnails in the store


def crop_loader(shas_of: Callable[[Sequence[int]], Sequence[str]], crops: "CropStore") -> Loader:
    """Return a loader.

    Args:
        shas_of: The sha256 of each of some cells, in order; called in workers.
        crops: The store of crops; it opens a connection for each worker.
    """

    def load(cell_ids: Sequence[int], size: int) -> dict[int, QImage]:
        shas = dict(zip(cell_ids, shas_of(cell_ids), strict=True))
        if size > THUMBNAIL_SIDE:
            found = {cell: _large(crops, sha) for cell, sha in shas.items()}
        else:
            encoded = crops.thumbnails(sorted(set(shas.values())))
            found = {
                cell: thumbnail_image(encoded[sha]) for cell, sha in shas.items() if sha in encoded
            }
        return {cell: image for cell, image in found.items() if not image.isNull()}

    return load


def thumbnail_image(jpeg: bytes) -> QImage:
    """Return the image of a thumbnail, empty if it is damaged; for workers.

    Not by Qt's readers: they keep the interpreter to themselves while they decode, and the one for
    SVG, which is asked about every picture, waits for locks that the window's thread may hold while
    it waits for the interpreter. Both then wait for ever.
    """
    from wbc_desktop.store.decoding import thumbnail_pixels

    pixels = thumbnail_pixels(jpeg)
    return QImage() if pixels is None else image_of(pixels)


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Return an image that owns a copy of the pixels, uint8 (h, w, 3), sRGB."""
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels).data
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _large(crops: "CropStore", sha: str) -> QImage:
    try:
        return image_of(crops.decoded(sha))
    except UserError:  # said at import; the tile shows that there is no picture
        return QImage()
