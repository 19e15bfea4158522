"""What a person chooses for an import. It loads next to nothing: the command line declares it."""

from dataclasses import dataclass
from enum import StrEnum

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import plain_text

SCALE_MIN, SCALE_MAX = 0.01, 2.0  # µm per pixel; a cell is then 5 to 2,000 pixels wide


class FolderLayout(StrEnum):
    """How the folders below an imported path are understood."""

    AUTO = "auto"
    SLIDES = "slides"  # one patient; the folders are slides
    CLASSES = "classes"  # one patient with one slide; the folders are cell classes
    PATIENTS = "patients"  # a batch; the folders are patients


class LabelsFrom(StrEnum):
    """Where labels are read from, beside those that a manifest or an array file states."""

    FOLDER = "folder"
    PREFIX = "prefix"
    CSV = "csv"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What a person chooses for an import.

    Attributes:
        batch: Every folder below the path is a patient; the same as ``FolderLayout.PATIENTS``.
        layout: How the folders are understood.
        site: Name of the site of all these patients, or the empty string.
        um_per_px: Scale in µm per pixel of every crop whose source states none, or None.
        labels: Where labels are read from; None to read none.

    Raises:
        UserError: If the scale is beyond what shows a cell, or the site's name cannot be stored.
    """

    batch: bool = False
    layout: FolderLayout = FolderLayout.AUTO
    site: str = ""
    um_per_px: float | None = None
    labels: LabelsFrom | None = None

    def __post_init__(self) -> None:
        """Check both; white space around the site's name is dropped."""
        object.__setattr__(self, "site", plain_text(self.site, what="The site's name"))
        scale = self.um_per_px
        if scale is not None and not SCALE_MIN <= scale <= SCALE_MAX:  # nor nan
            raise UserError(
                f"The scale must lie between {SCALE_MIN} and {SCALE_MAX} µm per pixel",
                f"{scale:g}",
                "A 100× objective gives about 0.05 to 0.15. Pixels per µm are the inverse.",
            )

    @property
    def wanted(self) -> FolderLayout:
        """The layout asked for."""
        batch = self.batch and self.layout is FolderLayout.AUTO
        return FolderLayout.PATIENTS if batch else self.layout
