"""Reading and writing a file of classes."""

from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.class_file import file_text
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.output_files import check_output_file, output_file, storable_name
from wbc_desktop.services.session.taxonomy_commands import TakeClasses

MAX_BYTES = 1_000_000


def write_classes(taxonomy: Taxonomy, path: Path) -> None:
    """Write the classes of a workspace.

    Raises:
        UserError: If the file cannot be written.
    """
    check_output_file(path)
    with output_file(path) as file:
        file.write(file_text(taxonomy).encode())


def read_classes(path: Path) -> TakeClasses:
    """Return the command that takes over the classes of a file.

    Raises:
        UserError: If the file cannot be read; what is in it is checked by the command.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(
            "The file of classes could not be read",
            f"{path} ({error.strerror or error})",
            "Check its name and that you may read it.",
        ) from error
    if len(content) > MAX_BYTES:
        raise UserError("The file is too large for a file of classes", str(path))
    try:
        return TakeClasses(content.decode("utf-8-sig"), storable_name(path.name))
    except UnicodeDecodeError as error:
        raise UserError(
            "The file of classes is not UTF-8 text", str(path), "Save it as UTF-8."
        ) from error
