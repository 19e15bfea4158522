"""A CSV manifest: one line per crop, with its path relative to the CSV.

Optional columns give patient, slide, label and scale; where they are empty, the path decides as
it would in a folder.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from wbc_desktop.store.sources.base import Entry, FoundCrop, Problem, Reader, printable
from wbc_desktop.store.sources.tables import TableRow, read_rows, scale_of
from wbc_desktop.store.sources.tree import Tree, TreeSource

NEEDS = ("image_path",)


@dataclass(frozen=True, kw_only=True)
class ManifestSource:
    """The crops that a CSV names.

    Attributes:
        name: Of the folder that holds the CSV; stands for the patient where no column does.
        tree: The files beside and below the CSV.
        file: The CSV in that tree.
    """

    name: str
    tree: Tree
    file: str

    @property
    def place(self) -> str:
        """Where it lies."""
        return f"{self.tree.place}/{printable(self.file)}"

    def entries(self) -> Iterator[Entry]:
        """List the crops that are named and there; each one missing is a problem.

        Raises:
            UserError: If the CSV cannot be read or has no column ``image_path``.
        """
        with self.tree.opened() as files:
            data = files.read(self.file)
        named: set[str] = set()
        for row in read_rows(data, name=self.place, needs=NEEDS):
            yield self._entry(row, named)

    def opened(self) -> AbstractContextManager[Reader]:
        """Open it for reading."""
        return TreeSource(name=self.name, tree=self.tree).opened()

    def reachable(self) -> bool:
        """Tell whether it is still there."""
        return self.tree.reachable()

    def _entry(self, row: TableRow, named: set[str]) -> Entry:
        path = str(PurePosixPath(printable(row.image_path)))
        if path.startswith("/") or ".." in path.split("/") or PureWindowsPath(path).drive:
            return Problem(path, f"line {row.line}: it lies outside the folder of the CSV")
        if path in named:
            return Problem(path, f"line {row.line}: it was named before")
        named.add(path)
        file = self.tree.find(path)
        if file is None:
            return Problem(path, f"line {row.line}: there is no such file")
        try:
            scale = scale_of(row.um_per_px)
        except ValueError:
            return Problem(path, f"line {row.line}: um_per_px is not a number above 0")
        return FoundCrop(
            path=path,
            file=file,
            label=row.label,
            patient=row.patient,
            slide=row.slide,
            um_per_px=scale,
        )
