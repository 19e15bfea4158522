"""Array files that were made to read another file of the disk, or to break whoever reads them."""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from tests.unit import drawn_crops

FRAME = drawn_crops.pixels(0)
SECRET = b"not for the workspace " * 600


def _external(path: Path) -> None:
    secret = path.with_suffix(".secret")
    secret.write_bytes(SECRET)
    with h5py.File(path, "w") as file:
        place = [(str(secret), 0, len(SECRET))]
        file.create_dataset("images", (1, 64, 64, 3), np.uint8, external=place)


def _external_labels(path: Path) -> None:
    secret = path.with_suffix(".secret")
    secret.write_bytes(SECRET)
    with h5py.File(path, "w") as file:
        file["images"] = FRAME[None]
        file.create_dataset("label", (1,), "S64", external=[(str(secret), 0, 64)])


def _virtual(path: Path) -> None:
    with h5py.File(path, "w") as file:
        layout = h5py.VirtualLayout((1, 64, 64, 3), np.uint8)
        layout[0] = h5py.VirtualSource(str(path.with_suffix(".other")), "x", (64, 64, 3))
        file.create_virtual_dataset("images", layout)


def _external_link(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = h5py.ExternalLink("gone.h5", "/images")


def _soft_link(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = FRAME[None]
        file["kept"] = np.array([b"SNE"])
        file["label"] = h5py.SoftLink("/kept")


def _huge(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("images", (2, 100_000, 100_000, 3), np.uint8, chunks=(1, 64, 64, 3))


def _huge_chunk(path: Path) -> None:
    with h5py.File(path, "w") as file:
        shape = (2, 4000, 4000, 3)
        file.create_dataset("images", (99, 4000, 4000, 3), np.uint8, chunks=(20, *shape[1:]))


def _empty(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = h5py.Empty("u1")


def _empty_labels(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = FRAME[None]
        file["label"] = h5py.Empty("S3")


def _dangling(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = h5py.SoftLink("/nowhere")


def _bomb(path: Path) -> None:
    """Write a packed chunk of a few kilobytes that unpacks to a thousand times its shape."""
    shape = (1, 64, 64, 3)
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images", shape, np.uint8, chunks=shape, compression="gzip")
        images.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(20_000_000), 9))


def _never_written(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("images", (10_000_000, 64, 64, 3), np.uint8, chunks=(1, 64, 64, 3))


def _labels_in_labels(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["images"] = FRAME[None]
        file.create_dataset("label", (1,), h5py.vlen_dtype(np.int64))


def _pickled(path: Path) -> None:
    np.savez(path, images=np.array([{}], object))


def _pickled_labels(path: Path) -> None:
    np.savez(path, images=FRAME[None], labels=np.array([{}], object))


def _header_of_no_length(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00" + bytes(100_000_000))


def _endless_header(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        begin = b"\x93NUMPY\x02\x00" + (100_000_000).to_bytes(4, "little")
        archive.writestr("images.npy", begin + bytes(100_000_000))


def _header_of_no_array(path: Path) -> None:
    text = b"{'descr': (), 'fortran_order': False, 'shape': (1, 8, 8, 3), }\n"
    with zipfile.ZipFile(path, "w") as archive:
        begin = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")
        archive.writestr("images.npy", begin + text)


def _header_left_open(path: Path) -> None:
    text = b"{'descr': '|u1', 'shape': (((\n"
    with zipfile.ZipFile(path, "w") as archive:
        begin = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")
        archive.writestr("images.npy", begin + text)


def _promising(path: Path) -> None:
    """Write a directory that says a member of a few bytes unpacks to two gigabytes."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (160_000, 64, 64, 3)}
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("images.npy", "w") as member:
            np.lib.format.write_array_header_1_0(member, header)
        archive.getinfo("images.npy").file_size = 2_000_000_000


HOSTILE_HDF5: dict[str, tuple[Callable[[Path], None], str]] = {
    "external storage": (_external, "lie in another file"),
    "external storage of the labels": (_external_labels, "/label lie in another file"),
    "virtual": (_virtual, "lie in another file"),
    "external link": (_external_link, "a link to another place"),
    "soft link": (_soft_link, "/label is a link"),
    "dangling link": (_dangling, "a link to another place"),
    "far too many pixels": (_huge, "100,000 × 100,000 pixels"),
    "one chunk of a gigabyte": (_huge_chunk, "pieces that are too large"),
    "no pixels": (_empty, "holds no image"),
    "empty labels": (_empty_labels, "/label holds nothing"),
    "a packed chunk that unpacks without end": (_bomb, "do not fit its shape"),
    "images that were never written": (_never_written, "hardly any are in it"),
    "labels that are lists": (_labels_in_labels, "/label must hold numbers or text"),
}
"""How to write each kind, and what its refusal says."""

HOSTILE_NPZ: dict[str, tuple[Callable[[Path], None], str]] = {
    "pickled": (_pickled, "must be uint8"),
    "pickled labels": (_pickled_labels, "labels.npy must hold numbers or text"),
    "a header of 100 MB": (_endless_header, "not a sound NPZ file"),
    "a header of no length": (_header_of_no_length, "not a sound NPZ file"),
    "a header of no array": (_header_of_no_array, "not a sound NPZ file"),
    "a header left open": (_header_left_open, "not a sound NPZ file"),
    "gigabytes in a few bytes": (_promising, "hardly any are in it"),
}
"""Likewise for NPZ."""
