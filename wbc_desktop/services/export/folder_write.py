"""A folder of files: whole at the end, or never there at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.export.file_write import check_place


@contextmanager
def placing_folder(path: Path) -> Iterator[Path]:
    """Yield a new temporary folder that becomes ``path`` when the block ends well.

    Args:
        path: The folder to make; ``check_new_folder`` says what it must be.

    Raises:
        UserError: If something cannot be written; nothing is then left of it.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        temporary.mkdir()
        yield temporary
        if path.is_dir():
            path.rmdir()  # it is empty: Windows puts no folder in the place of another
        temporary.rename(path)
    except OSError as error:
        raise UserError(
            "The folder could not be written",
            f"{path} ({error.strerror or error})",
            "Nothing of it is left. Check that you may write there and that there is space.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_new_folder(path: Path) -> None:
    """Find out before long work whether a folder can be made here.

    Raises:
        UserError: If something is there already, or the folder above is missing or closed to us.
    """
    if path.is_dir() and any(path.iterdir()):
        raise UserError(
            "The folder is there already", str(path), "Name a new one; nothing is replaced."
        )
    if path.exists() and not path.is_dir():
        raise UserError("A file has the name of the folder", str(path), "Name another folder.")
    if not path.exists():
        check_place(path)
