"""What a bundle says of itself: the licences of everything in it, and its bill of materials."""

from collections.abc import Iterable
from pathlib import Path

from bundle import Edition, Entry, version
from licences import write_licences
from parts import parts_of
from sbom import write_sbom


def tell_origins(
    tables: Iterable[Iterable[Entry]], *, edition: Edition, root: Path, work: Path
) -> list[Entry]:
    """Write both files, before the bundle is put together.

    Args:
        tables: PyInstaller's tables of what is put in.
        edition: Which of the programs.
        root: Of our repository.
        work: A folder to write to.

    Returns:
        The entries that put them into the bundle, where About finds them.

    Raises:
        SystemExit: If nobody knows where a file comes from or what its licence is.
    """
    contents = sorted({(e[0], Path(e[1])) for table in tables for e in table if _is_file(e)})
    parts = parts_of(contents, root=root)
    licences, sbom = work / "licences.txt", work / "sbom.cdx.json"
    write_licences(parts, licences, root=root, version=version())
    models = [card.parent for card in sorted((root / "resources/models").glob("*/card.json"))]
    write_sbom(parts, sbom, version=version(), edition=edition.name, models=models)
    print(f"{len(parts)} packages in the licences and in the bill of materials")
    return [(f"resources/{file.name}", str(file), "DATA") for file in (licences, sbom)]


def _is_file(entry: Entry) -> bool:
    # Modules of Python itself lie in an archive that PyInstaller makes; they are listed one by one.
    made = entry[0] == "base_library.zip" or entry[1] in {"", "-", None}
    return not made and entry[2] != "SYMLINK"
