"""What a folder or file is that comes in from outside: dropped, or named at the start.

A workspace is opened, whatever holds cell images is imported, and for anything else there is a
reason why not. Nothing is read here but names, so that it is quick on a slow disk too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import IMAGE_SUFFIXES
from wbc_desktop.store.names import CROPS_NAME, FILE_NAME, FOLDERS

IMPORTABLE = (".zip", ".csv", ".h5", ".hdf5", ".npz")
_WORKSPACE_ENDING = Path(FILE_NAME).suffix
_NAMED = 3  # of what is left out


@dataclass(frozen=True, kw_only=True)
class SortedPaths:
    """What is to be done with what came in.

    Attributes:
        workspace: A workspace to open, or None.
        imports: Folders and files to import.
        left_out: What is neither, in words; empty if there is none.
    """

    workspace: Path | None = None
    imports: tuple[Path, ...] = ()
    left_out: str = ""


def is_workspace(path: Path) -> bool:
    """Tell whether a path is a workspace's folder or the file in it."""
    file = path / FILE_NAME if path.is_dir() else path
    return file.name == FILE_NAME and file.is_file()


def can_create_workspace(path: Path) -> bool:
    """Tell whether a new workspace can begin at a path: nothing is there, or an empty folder.

    Raises:
        UserError: If the folder cannot be looked into.
    """
    if path.is_dir():
        return not any(_is_foreign(entry.name) for entry in _entries(path))
    named_file = path.suffix.lower() in (*IMPORTABLE, *IMAGE_SUFFIXES, _WORKSPACE_ENDING)
    return not path.exists() and (path.name == FILE_NAME or not named_file)


def sort_paths(paths: Sequence[Path]) -> SortedPaths:
    """Return what is to be done with what came in.

    Args:
        paths: At least one.

    Raises:
        UserError: If nothing of it can be opened or imported, or not all of it at once.
    """
    workspaces = [path for path in paths if is_workspace(path)]
    if workspaces and len(paths) == 1:
        return SortedPaths(workspace=workspaces[0])
    if workspaces:
        raise UserError(
            "A workspace cannot be opened together with other things",
            str(workspaces[0]),
            "Drop the workspace alone to open it, or only folders and files to import them.",
        )
    imports = tuple(path for path in paths if _can_be_imported(path))
    others = [path for path in paths if not _can_be_imported(path)]
    if not imports:
        raise _refusal(others[0])
    return SortedPaths(imports=imports, left_out=_in_words(others))


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError as error:
        raise UserError(
            "The folder cannot be read",
            f"{folder} ({error.strerror})",
            "Check your rights, and that its disk is connected.",
        ) from error


def _is_foreign(name: str) -> bool:
    # What the making of a workspace leaves behind when it is broken off is no hindrance.
    return not name.startswith(".") and name not in {CROPS_NAME, *FOLDERS}


def _can_be_imported(path: Path) -> bool:
    return path.is_dir() or (path.is_file() and path.suffix.lower() in IMPORTABLE)


def _refusal(path: Path) -> UserError:
    suffix = path.suffix.lower()
    if not path.exists():
        return UserError("There is no such folder or file", str(path), "Check the path.")
    if suffix == _WORKSPACE_ENDING:
        return UserError(
            "This file alone is not a workspace",
            str(path),
            f"A workspace is a whole folder, and the file in it is called {FILE_NAME}. "
            "Open the folder it came from, or give the file its name back.",
        )
    if suffix in IMAGE_SUFFIXES:
        return UserError(
            "A single image is not imported",
            str(path),
            "Drop the folder it lies in. The name of the folder becomes the patient's code.",
        )
    return UserError(
        "This file cannot be imported",
        str(path),
        "Drop folders of cell images, or a ZIP, CSV, HDF5 or NPZ file of them. "
        "A workspace is opened by its folder.",
    )


def _in_words(others: Sequence[Path]) -> str:
    if not others:
        return ""
    names = ", ".join(path.name for path in others[:_NAMED])
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    return f"Left out, because they are no folder, ZIP, CSV, HDF5 or NPZ file: {names}{more}."
