"""The demo patient: 200 rendered cells of a mildly left-shifted case, written as a patient folder.

The folder of a demo is begun anew each time, so it carries a marker. A folder without it that holds
anything is never touched, and neither is a demo that somebody has begun to review.
"""

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from model.rendering.renderer import DEMO_CASE, SITES
from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.domain.audit.events import USER_TYPES
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.saved_views import saved_views
from wbc_desktop.store import names
from wbc_desktop.store.workspace import Workspace

PATIENT = "demo-patient"
SLIDE = "slide-1"
SITE = "Rendered"
MARKER = "rendered-by-wbc-demo.txt"


@dataclass(frozen=True)
class DemoFolder:
    """Where the parts of a demo lie.

    Attributes:
        folder: The folder that was asked for.
    """

    folder: Path

    @property
    def patient(self) -> Path:
        """The patient folder that is imported."""
        return self.folder / PATIENT

    @property
    def workspace(self) -> Path:
        """The workspace."""
        return self.folder / "workspace"

    @property
    def cells_csv(self) -> Path:
        """One row per cell."""
        return self.folder / "cells.csv"

    @property
    def differential_csv(self) -> Path:
        """The differential."""
        return self.folder / "differential.csv"

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / "report.html"

    @property
    def um_per_px(self) -> float:
        """Scale of the rendered crops in µm per pixel."""
        return SITES[DEMO_CASE.site].um_per_px

    def begin(self) -> None:
        """Make the folder, or empty the one an earlier demo made.

        Raises:
            UserError: If the folder holds something that no demo wrote, or a review, or cannot be
                written.
        """
        self._refuse_review()
        marker = self.folder / MARKER
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not marker.is_file() and any(self.folder.iterdir()):
                raise UserError(
                    "The folder is not empty and was not made by a demo",
                    str(self.folder),
                    "Name another folder with --out.",
                )
            marker.write_text(
                f"Rendered cells, no patient's. `wbc demo` begins this folder anew, unless "
                f"somebody has reviewed it.\n"
                f"{RESEARCH_USE_ONLY}\n",
                encoding="utf-8",
            )
            for part in (self.patient, self.workspace):
                if part.exists():
                    shutil.rmtree(part)
        except OSError as error:
            raise UserError(
                "The demo cannot write its folder",
                f"{self.folder} ({error.strerror or error})",
                "Close the program that has it open, or name another folder with --out.",
            ) from error

    def _refuse_review(self) -> None:
        if not (self.workspace / names.FILE_NAME).is_file():
            return
        with Workspace.open(self.workspace) as workspace:
            catalogue = workspace.catalogue
            acts = any(type_ in USER_TYPES for type_, _ in catalogue.events.kinds_after(0))
            worked_on = acts or bool(saved_views(catalogue))
        if worked_on:
            raise UserError(
                "The demo in this folder has been reviewed",
                f"{self.folder}: somebody's labels, notes, classes or views are in it",
                "Name another folder with --out, or delete this one.",
            )

    def render(self) -> Generator[tuple[int, int]]:
        """Write the crops of the patient.

        Yields:
            How many are written, and how many there are to be.

        Raises:
            UserError: If the disk refuses.
        """
        slide = self.patient / SLIDE
        try:
            slide.mkdir(parents=True)
            for done, (_, jpeg) in enumerate(DEMO_CASE.cells(), start=1):
                # The name says nothing of the class: the model has only the picture.
                (slide / f"cell_{done:03d}.jpg").write_bytes(jpeg)
                yield done, DEMO_CASE.n
        except OSError as error:
            raise UserError(
                "The demo cannot write its cells", f"{slide} ({error.strerror or error})"
            ) from error
