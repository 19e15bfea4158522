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

MAX_SHRINKAGE = 1100
"""No packing that is in use makes pixels smaller than by this factor; deflate ends at 1032."""

DAMAGE = (
    *(OSError, RuntimeError, ValueError, TypeError, KeyError, IndexError),
    *(MemoryError, OverflowError),
)
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
    """Check that a column holds plain values, one for each image or one for all, and fits.

    Raises:
        RefusedError: If it does not.
    """
    from h5py import h5t

    if dataset.id.get_type().get_class() not in {h5t.INTEGER, h5t.FLOAT, h5t.STRING, h5t.ENUM}:
        raise RefusedError(f"/{name} must hold numbers or text")
    if dataset.shape is None or math.prod(dataset.shape) not in {1, n_images}:
        said = "nothing" if dataset.shape is None else tuple(dataset.shape)
        raise RefusedError(f"/{name} holds {said}, which does not fit {n_images:,} images")
    if math.prod(dataset.shape) * dataset.dtype.itemsize > MAX_COLUMN_BYTES:
        raise RefusedError(f"/{name} is too large")


def promises_too_much(promised: int, held: int) -> bool:
    """Tell whether an array unpacks to far more bytes than pictures can be packed into ``held``.

    Such an array takes no room in its file, and days to import.
    """
    return promised > max(MAX_COLUMN_BYTES, held * MAX_SHRINKAGE)


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
    if dataset.chunks and plan.get_nfilters():
        _check_packed_chunks(dataset, name)


def _check_packed_chunks(dataset: Any, name: str) -> None:  # noqa: ANN401
    """Refuse chunks that take more room packed than unpacked: they unpack to something else.

    HDF5 unpacks a chunk to its end, whatever the shape says: a megabyte can fill all memory.
    """
    unpacked = math.prod(dataset.chunks) * dataset.id.get_type().get_size()
    room = unpacked + unpacked // 64 + 4096  # what cannot be made smaller grows a little

    def too_large(chunk: Any) -> bool | None:  # noqa: ANN401
        return True if chunk.size > room else None

    if dataset.id.chunk_iter(too_large):
        raise RefusedError(f"/{name} holds packed pieces that do not fit its shape")
