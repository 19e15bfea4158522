"""Sites, patients, slides and cells as the rest of the program passes them around."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Slide:
    """One smear of a patient.

    Attributes:
        id: Row id in the workspace.
        code: Name of the slide, from the folder.
        um_per_px: Scale of its crops in µm per pixel, or None where it is not known.
        n_cells: Cells imported.
        n_reviewed: Cells a person has labelled or accepted.
    """

    id: int
    code: str
    um_per_px: float | None
    n_cells: int
    n_reviewed: int


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One patient with the slides imported so far.

    Attributes:
        id: Row id in the workspace.
        code: The patient's id as the lab writes it.
        site: Name of the site, or the empty string.
        slides: In order of their codes.
    """

    id: int
    code: str
    site: str
    slides: tuple[Slide, ...]

    @property
    def n_cells(self) -> int:
        """Cells over all slides."""
        return sum(slide.n_cells for slide in self.slides)

    @property
    def n_reviewed(self) -> int:
        """Reviewed cells over all slides."""
        return sum(slide.n_reviewed for slide in self.slides)
