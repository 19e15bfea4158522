"""Where crops come from: folders, ZIP archives, CSV manifests, HDF5 and NPZ files.

``open_source`` chooses by what a path is. To add a kind of array file, write a class with the
methods of ``hdf5.Hdf5File`` and name its suffix in ``base.ARRAY_SUFFIXES`` and ``tree.open_array``;
to add another kind of place, write one with the methods of ``base.Source`` and choose it here.
"""

from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources.archive import ZipTree
from wbc_desktop.store.sources.base import (
    ARRAY_SUFFIXES,
    TABLE_SUFFIX,
    OtherFile,
    Source,
    printable,
    suffix_of,
)
from wbc_desktop.store.sources.folder import FolderTree
from wbc_desktop.store.sources.manifest import NEEDS, ManifestSource
from wbc_desktop.store.sources.tables import has_columns
from wbc_desktop.store.sources.tree import TreeSource

__all__ = ["Source", "open_source"]


def open_source(path: Path) -> Source:
    """Return the source that a path names; nothing below it is read yet.

    Raises:
        UserError: If there is nothing at the path, or nothing that can be imported.
    """
    path = path.expanduser().absolute()
    if path.is_dir():
        # resolve: the name of "." or ".." is that of the folder it means.
        return TreeSource(name=printable(path.resolve().name) or "patient", tree=FolderTree(path))
    if not path.is_file():
        raise UserError("There is no such folder or file", printable(str(path)), "Check the path.")
    suffix = suffix_of(path.name)
    beside = FolderTree(path.parent)
    if suffix == ".zip":
        return _zip_source(path)
    if suffix == TABLE_SUFFIX:
        return ManifestSource(
            name=printable(path.resolve().parent.name) or "patient", tree=beside, file=path.name
        )
    if suffix in ARRAY_SUFFIXES:
        alone = FolderTree(path.parent, only=path.name)
        return TreeSource(name=printable(path.stem), tree=alone, unwrap=True)
    raise UserError(
        "This file cannot be imported",
        printable(str(path)),
        "Name a folder of images, or a .zip, .csv, .h5 or .npz file.",
    )


def _zip_source(path: Path) -> Source:
    """Return the manifest at the top of an archive if it has one, else all its images."""
    tree = ZipTree(path)
    tables = [
        found.file
        for found in tree.files()
        if isinstance(found, OtherFile)
        and suffix_of(found.path) == TABLE_SUFFIX
        and "/" not in found.path
    ]
    with tree.opened() as files:
        manifests = [file for file in tables if has_columns(files.read(file), NEEDS)]
    if len(manifests) == 1:
        return ManifestSource(name=tree.name, tree=tree, file=manifests[0])
    return TreeSource(name=tree.name, tree=tree)
