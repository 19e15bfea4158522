"""Crops in an HDF5 file: ``/images`` uint8 (n, height, width, 3), and labels if it has them.

``/images`` may also be (n,) image files, each as its bytes: so our own training sets are laid out.
``/label`` (n,) holds class names, or numbers into the attribute ``class_names``; the attribute
``um_per_px`` gives the scale. Attributes may hang on the file or on ``/images``. What differs from
crop to crop may stand in ``/patient_id``, ``/slide_id``, ``/um_per_px`` and ``/image_path``, (n,).
"""

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import MAX_PIXELS, png
from wbc_desktop.store.sources.base import (
    MAX_FILE_BYTES,
    ArrayItem,
    is_ignored,
    is_image,
    printable,
)
from wbc_desktop.store.sources.hdf5_checks import (
    DAMAGE,
    MAX_IMAGES,
    RefusedError,
    check_column,
    find_dataset,
    promises_too_much,
)

_TEXTS = ("patient_id", "slide_id", "image_path")
_CACHE_BYTES = 64 * 1024 * 1024  # several chunks, so that a compressed chunk is unpacked once


class Hdf5File:
    """An HDF5 file open for reading; not safe from several threads at once.

    Args:
        stream: The file; closed with this object.
        name: What to call it in an error.

    Raises:
        UserError: If it is no HDF5 file or its arrays are not laid out as expected.
    """

    def __init__(self, stream: BinaryIO, *, name: str) -> None:
        import h5py

        self._name = name
        self._stream = stream
        try:
            self._file = h5py.File(stream, "r", rdcc_nbytes=_CACHE_BYTES)
        except DAMAGE as error:
            stream.close()
            raise self._unfit("it is not a sound HDF5 file") from error
        try:
            self._images = find_dataset(self._file, "images")
            self._check_images()
            self._labels = self._read_labels()
            self._um_per_px = self._read_scale()
            self._scales = self._read_scales()
            self._texts = {name: self._read_texts(name) for name in _TEXTS}
        except UserError:
            self.close()
            raise
        except RefusedError as error:
            self.close()
            raise self._unfit(str(error)) from error
        except DAMAGE as error:
            self.close()
            raise self._unfit("it is damaged") from error

    def items(self) -> Iterator[ArrayItem]:
        """List the crops with what is said of each."""
        patients, slides, paths = (self._texts[name] for name in _TEXTS)
        for index in range(self._images.shape[0]):
            yield ArrayItem(
                item=f"{index:06d}",
                label=self._labels[index] if self._labels else None,
                patient=(patients[index] or None) if patients else None,
                slide=(slides[index] or None) if slides else None,
                um_per_px=(self._scales[index] if self._scales else None) or self._um_per_px,
                file_name=_file_name(paths[index]) if paths else "",
            )

    def read(self, item: str) -> bytes:
        """Return one crop: as the image file it is kept as, else as lossless PNG.

        Raises:
            UserError: If this part of the file is damaged.
        """
        try:
            found = self._images[int(item)]
        except DAMAGE as error:
            raise UserError("The file is damaged", f"{self._name}, image {item}") from error
        if found.nbytes > MAX_FILE_BYTES:
            raise UserError("The image is too large for a crop", f"{self._name}, image {item}")
        return found.tobytes() if self._encoded else png(found)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._stream.close()

    def _attribute(self, key: str) -> object:
        for owner in (self._file, self._images):
            if key in owner.attrs:
                return owner.attrs[key]
        return None

    def _check_images(self) -> None:
        if self._images is None:
            raise self._unfit("it has no array /images")
        shape, dtype = self._images.shape, self._images.dtype
        if not shape or shape[0] == 0:
            raise self._unfit("/images holds no image")
        if shape[0] > MAX_IMAGES:
            raise self._unfit(f"/images holds {shape[0]:,} images, the limit is {MAX_IMAGES:,}")
        self._encoded = len(shape) == 1 and _holds_bytes(dtype)
        if self._encoded:
            return
        if dtype != np.uint8 or len(shape) != 4 or shape[3] != 3:
            raise self._unfit(
                f"/images is {dtype} {tuple(shape)}, it must be uint8 (n, height, width, 3)"
            )
        if not 0 < shape[1] * shape[2] <= MAX_PIXELS:
            raise self._unfit(
                f"its images have {shape[2]:,} × {shape[1]:,} pixels, "
                f"the limit is {MAX_PIXELS // 1_000_000} million"
            )
        if promises_too_much(math.prod(shape), self._images.id.get_storage_size()):
            raise self._unfit(f"/images says it has {shape[0]:,} images, but hardly any are in it")

    def _read_labels(self) -> list[str | None]:
        named = ((name, find_dataset(self._file, name)) for name in ("label", "labels"))
        name, dataset = next((pair for pair in named if pair[1] is not None), ("", None))
        if dataset is None:
            return []
        n = self._images.shape[0]
        if dataset.shape is not None and math.prod(dataset.shape) != n:
            raise self._unfit(f"{math.prod(dataset.shape)} labels for {n} images")
        check_column(dataset, name, n_images=n)
        values = np.asarray(dataset[()]).reshape(-1)
        names = self._attribute("class_names")
        return label_texts(
            values.tolist(), [] if names is None else np.asarray(names).reshape(-1).tolist()
        )

    def _read_texts(self, name: str) -> list[str]:
        values = self._read_column(name)
        return [_text(value) for value in values.tolist()]

    def _read_scales(self) -> list[float | None]:
        values = self._read_column("um_per_px")
        if values.dtype.kind not in "fiu" or (values <= 0).any() or np.isinf(values).any():
            raise self._unfit("its /um_per_px must hold numbers above 0, NaN where none is known")
        return [None if math.isnan(value) else float(value) for value in values.tolist()]

    def _read_column(self, name: str) -> NDArray[Any]:
        dataset = find_dataset(self._file, name)
        if dataset is None:
            return np.empty(0)
        n = self._images.shape[0]
        if dataset.shape not in {(), (n,)}:
            raise self._unfit(f"/{name} {dataset.shape} does not fit {n} images")
        check_column(dataset, name, n_images=n)
        values = np.asarray(dataset[()])
        return values if values.shape else np.repeat(values, n)  # one value for all

    def _read_scale(self) -> float | None:
        value = self._attribute("um_per_px")
        if value is None:
            return None
        try:
            scale = float(np.asarray(value).reshape(-1)[0])
        except (ValueError, TypeError, IndexError):
            scale = math.nan
        if not (math.isfinite(scale) and scale > 0):
            raise self._unfit(f"its um_per_px is {value!r}, it must be a number above 0")
        return scale

    def _unfit(self, reason: str) -> UserError:
        return UserError(
            "This HDF5 file cannot be imported",
            f"{self._name}: {reason}",
            "The manual describes the layout.",
        )


def _holds_bytes(dtype: np.dtype[Any]) -> bool:
    import h5py

    return bool(h5py.check_vlen_dtype(dtype) == np.uint8)


def _file_name(path: str) -> str:
    """Return the name at the end of a path if it is one of an image file, else nothing."""
    name = printable(path.replace("\\", "/").rpartition("/")[2])
    return name if is_image(name) and not is_ignored(name) else ""


def label_texts(values: list[Any], names: list[Any]) -> list[str | None]:
    """Return labels as text.

    Args:
        values: Class names, or numbers into ``names``; a negative number means no label.
        names: Class names; a number beyond them stays a number.
    """
    texts: list[str | None] = []
    for value in values:
        if isinstance(value, int):
            known = 0 <= value < len(names)
            texts.append(_text(names[value]) if known else str(value) if value >= 0 else None)
        else:
            texts.append(_text(value) or None)
    return texts


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
