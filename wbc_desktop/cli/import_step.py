"""The import step of the verbs: the dry run, the import, and how both are told."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wbc_desktop.cli.output import JsonValue, Output
from wbc_desktop.cli.steps import opened
from wbc_desktop.domain.cells.patients import Patient
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.importing.plan import ImportPlan
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.importing.progress import ImportProgress
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.sources.base import Problem
from wbc_desktop.store.workspace import Workspace, is_new

_LISTED = 10  # files named one by one before the rest is only counted


@dataclass(frozen=True)
class Planned:
    """A dry run.

    Attributes:
        plan: What would be done.
    """

    plan: ImportPlan

    def tell(self, output: Output) -> None:
        """Tell people what was found and how it was understood."""
        plan = self.plan
        output.say(plan.layout_text)
        output.say(
            f"{plan.n_new:,} new cells, {plan.n_skipped:,} duplicates skipped,"
            f" {counted(len(plan.unreadable), 'unreadable file')}, "
            f"{counted(plan.n_not_images, 'other file')}."
        )
        kept = [d for d in plan.duplicates if d.kept]
        _tell_some((f"{d.path}: {d.reason}" for d in kept), len(kept), output, what="Warning")
        _tell_problems(plan.unreadable, output, what="Unreadable")

    def as_json(self) -> dict[str, JsonValue]:
        """Return it for machines."""
        plan = self.plan
        return {
            "reading": plan.layout_text,
            "patients": {patient.code: patient.n_cells for patient in plan.patients},
            "slides": plan.n_slides,
            "new_cells": plan.n_new,
            "duplicates": [
                {"path": d.path, "patient": d.patient, "reason": d.reason, "kept": d.kept}
                for d in plan.duplicates
            ],
            "unreadable": _problems_json(plan.unreadable),
            "other_files": plan.n_not_images,
            "labels": dict(plan.labels),
        }

    def patients(self, catalogue: Catalogue) -> list[Patient]:
        """Return the patients of the folder as the workspace has them after the import.

        Args:
            catalogue: Of the workspace.
        """
        codes = {patient.code for patient in self.plan.patients}
        codes |= {duplicate.patient for duplicate in self.plan.duplicates}
        return [patient for patient in catalogue.patients.all() if patient.code in codes]


@dataclass(frozen=True)
class Imported:
    """The outcome of an import.

    Attributes:
        cells: Cells added.
        failed: Files that changed or went away since the dry run.
    """

    cells: int
    failed: tuple[Problem, ...]

    def text(self) -> str:
        """Return it for people."""
        text = f"Imported {counted(self.cells, 'cell')}."
        for problem in self.failed[:_LISTED]:
            text += f"\n  left out: {problem.path}: {problem.reason}"
        return text

    def as_json(self) -> dict[str, JsonValue]:
        """Return it for machines."""
        return {"imported": self.cells, "failed": _problems_json(self.failed)}


@contextmanager
def opened_for_import(
    paths: Sequence[Path],
    workspace: Path,
    *,
    options: ImportOptions,
    reviewer: str,
    output: Output,
) -> Iterator[tuple[Session, Planned]]:
    """Make the dry run and open the workspace, which is made if need be.

    A new one is made after the dry run only, so that a wrong path leaves no workspace behind.

    Args:
        paths: Folders and files to import.
        workspace: Its folder or its file.
        options: How the paths are understood.
        reviewer: Who acts.
        output: Shows the progress.

    Raises:
        UserError: If there is nothing that can be imported, or the workspace cannot be opened.
    """
    early = None
    if is_new(workspace):
        early = plan_import(paths, options=options, workspace=None, output=output)
    with opened(workspace, reviewer=reviewer, output=output, create=True) as session:
        plan = early or plan_import(
            paths, options=options, workspace=session.workspace, output=output
        )
        yield session, plan


def plan_import(
    paths: Sequence[Path],
    *,
    options: ImportOptions,
    workspace: Workspace | None,
    output: Output,
) -> Planned:
    """Look at what is to be imported.

    Args:
        paths: Folders and files.
        options: How they are understood.
        workspace: Where the cells would go, or None if it is still to be made.
        output: Shows the progress.

    Raises:
        UserError: If there is nothing that can be imported.
    """
    with output.progress("Reading") as advance:

        def report(progress: ImportProgress) -> None:
            advance(progress.done, progress.total or None)

        plan = read_plan(paths, options=options, workspace=workspace, progress=report)
    if not plan.scan.crops:
        first = next(iter(plan.unreadable), None)
        raise UserError(
            "There are no crops to import",
            ", ".join(map(str, paths)) + (f" ({first.path}: {first.reason})" if first else ""),
            "Name a folder of JPEG, PNG, BMP, TIFF or WebP images of single cells.",
        )
    return Planned(plan)


def import_cells(planned: Planned, session: Session, *, output: Output) -> Imported:
    """Carry out a dry run.

    Args:
        planned: The dry run.
        session: Records the import.
        output: Shows the progress.

    Raises:
        UserError: If the disk refuses or the images went away; whole patients stay.
    """
    with output.progress("Importing") as advance:
        last = execute_plan(
            planned.plan,
            session,
            progress=lambda progress: advance(progress.done, progress.total),
        )
    return Imported(cells=last.done - len(last.failed), failed=last.failed)


def _tell_problems(problems: Sequence[Problem], output: Output, *, what: str) -> None:
    lines = (f"{problem.path}: {problem.reason}" for problem in problems)
    _tell_some(lines, len(problems), output, what=what)


def _tell_some(lines: Iterable[str], total: int, output: Output, *, what: str) -> None:
    for line, _ in zip(lines, range(_LISTED), strict=False):
        output.say(f"  {what}: {line}")
    if total > _LISTED:
        output.say(f"  … and {total - _LISTED:,} more")


def _problems_json(problems: Sequence[Problem]) -> list[JsonValue]:
    return [{"path": problem.path, "reason": problem.reason} for problem in problems]
