"""What is looked at before a byte of an HDF5 array is read: where it lies, its shape, its packing.

HDF5 lets an array lie anywhere: behind a link into another file, or in any file of the disk by name
(external storage, virtual arrays). Such a file from elsewhere would read what its maker cannot see
and put it into the workspace; some also crash the library. They are refused, not followed.
"""

import math
from typing import Any

MAX_IMAGES = 20_000_000
"""Crops in one array file."""

MAX_COLUMN_BYTES = 1024**3
"""A column beside the images, such as labels, is read whole."""

MAX_CHUNK_BYTES = 512 * 1024**2
"""HDF5 unpacks a whole chunk to read one crop of it."""

DAMAGE = (OSError, RuntimeError, ValueError, TypeError, KeyError, IndexError, MemoryError)
"""What h5py raises on files that are broken or were made to break it."""


class RefusedError(Exception):
    """An array that is not read, with the reason in the user's words."""


def find_dataset(file: Any, name: str) -> Any:  # noqa: ANN401  # h5py has no types
    """Return the array ``/name`` of an open file, checked; None if there is none.

    Raises:
        RefusedError: If it lies elsewhere, or is packed in a way that cannot be unpacked.
    """
    import h5py

    link = file.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise RefusedError(f"/{name} is a link to another place, the array itself must be there")
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        return None
    _check_storage(found, name)
    return found


def check_column(dataset: Any, name: str, *, n_images: int) -> None:  # noqa: ANN401
    """Check that a column beside the images has one value for each, or one for all, and fits.

    Raises:
        RefusedError: If it does not.
    """
    if dataset.shape is None or math.prod(dataset.shape) not in {1, n_images}:
        said = "nothing" if dataset.shape is None else tuple(dataset.shape)
        raise RefusedError(f"/{name} holds {said}, which does not fit {n_images:,} images")
    if math.prod(dataset.shape) * dataset.dtype.itemsize > MAX_COLUMN_BYTES:
        raise RefusedError(f"/{name} is too large")


def _check_storage(dataset: Any, name: str) -> None:  # noqa: ANN401
    import h5py

    plan = dataset.id.get_create_plist()
    if dataset.is_virtual or plan.get_external_count():
        raise RefusedError(f"the values of /{name} lie in another file, save them into this one")
    if dataset.chunks and math.prod(dataset.chunks) * dataset.dtype.itemsize > MAX_CHUNK_BYTES:
        raise RefusedError(f"/{name} is stored in pieces that are too large")
    for index in range(plan.get_nfilters()):
        code, _, _, said = plan.get_filter(index)
        if not h5py.h5z.filter_avail(code):
            method = said.decode("ascii", "replace").partition(";")[0] or f"filter {code}"
            raise RefusedError(f"/{name} is packed by a method that is not known here ({method})")
