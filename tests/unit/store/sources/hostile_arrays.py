"""Array files that were made to read another file of the disk, or to break whoever reads them."""

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
}
"""How to write each kind, and what its refusal says."""
