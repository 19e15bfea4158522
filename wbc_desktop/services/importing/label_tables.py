"""Labels from CSV files that lie among the images: one line per image, path and label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.sources.base import (
    TABLE_SUFFIX,
    FoundCrop,
    OtherFile,
    Source,
    printable,
    suffix_of,
)
from wbc_desktop.store.sources.tables import has_columns, read_rows

_NEEDS = ("image_path", "label")


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """Labels of the images below one imported path.

    Attributes:
        by_path: By path relative to the imported folder.
        by_name: By bare file name, for tables that name no folders; None where a name is
            labelled in two ways.
    """

    by_path: dict[str, str]
    by_name: dict[str, str | None]

    def label_of(self, crop: FoundCrop) -> str | None:
        """Return the label of a crop, or None."""
        return self.by_path.get(crop.path) or self.by_name.get(PurePosixPath(crop.path).name)


def read_label_tables(
    sources: Sequence[Source], others: Sequence[Iterable[OtherFile]]
) -> tuple[LabelTable, ...]:
    """Read every CSV that has columns for path and label, for each source.

    Args:
        sources: The imported places.
        others: For each of them, the files that are no images.

    Raises:
        UserError: If there is none, or one of them is damaged.
    """
    tables = tuple(_of_source(s, files) for s, files in zip(sources, others, strict=True))
    if not any(table.by_path for table in tables):
        raise UserError(
            "There is no CSV with labels among the images",
            ", ".join(source.place for source in sources),
            "Put a CSV with the columns image_path and label beside them.",
        )
    return tables


def _of_source(source: Source, others: Iterable[OtherFile]) -> LabelTable:
    by_path: dict[str, str] = {}
    by_name: dict[str, str | None] = {}
    tables = [other for other in others if suffix_of(other.path) == TABLE_SUFFIX]
    if not tables:
        return LabelTable(by_path=by_path, by_name=by_name)
    with source.opened() as reader:
        for table in sorted(tables, key=lambda t: t.path):
            data = reader.read_file(table.file)
            if not has_columns(data, _NEEDS):
                continue
            folder = PurePosixPath(table.path).parent
            for row in read_rows(data, name=table.path, needs=_NEEDS):
                if row.label:
                    path = printable(row.image_path)
                    by_path[str(folder / path)] = row.label
                    bare = PurePosixPath(path).name
                    same = by_name.setdefault(bare, row.label) == row.label
                    by_name[bare] = row.label if same else None
    return LabelTable(by_path=by_path, by_name=by_name)
