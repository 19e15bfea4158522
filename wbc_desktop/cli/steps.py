"""The steps that several verbs take: open a workspace, import, classify, tell what was written."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from model.inference.predictor import Predictor
from wbc_desktop.cli.output import JsonValue, Output
from wbc_desktop.domain.cells.slide_shift import SlideQuality
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.wording import capitalised, counted, plain_text
from wbc_desktop.services.export.exporting import Exported
from wbc_desktop.services.inference.classify import ClassifyStep, SkippedCell
from wbc_desktop.services.inference.reclassify import classify_workspace
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

_LISTED = 20  # files named one by one before the rest is only counted


@contextmanager
def opened(
    workspace: Path, *, reviewer: str, output: Output, create: bool = False
) -> Iterator[Session]:
    """Open a workspace for one verb.

    Args:
        workspace: Its folder or its file.
        reviewer: Who acts.
        output: Told of what an earlier, broken-off import left.
        create: Make it if it is not there.

    Raises:
        UserError: If it cannot be opened, or the name cannot be stored.
    """
    reader = plain_text(reviewer, what="The reader's name")  # before anything is made
    with Workspace.open(workspace, create=create) as found:
        tell_swept(found, output)
        yield Session(found, reader=reader, taxonomy=taxonomy_v1())


def tell_swept(workspace: Workspace, output: Output) -> None:
    """Tell people what the opening of a workspace has removed."""
    for patient in workspace.swept:
        output.say(f"An unfinished import of patient {patient} was removed; import it again.")


@dataclass(frozen=True, kw_only=True)
class Classified:
    """The outcome of a classification.

    Attributes:
        model_id: The model.
        cells: Cells classified now.
        skipped: Cells that could not be decoded.
        slides: What is known of every slide of the patients concerned.
        seconds: How long it took.
    """

    model_id: str
    cells: int
    skipped: tuple[SkippedCell, ...]
    slides: tuple[SlideQuality, ...]
    seconds: float

    def text(self) -> str:
        """Return it for people."""
        if not self.cells and not self.skipped:
            text = f"Every cell is classified by {self.model_id} already."
            return "\n".join((text, *alarm_lines(self.slides)))
        rate = self.cells / max(self.seconds, 1e-9)
        text = (
            f"Classified {counted(self.cells, 'cell')} with {self.model_id} in {self.seconds:.1f} s"
            f" ({rate:,.0f} cells/s)."
        )
        for cell in self.skipped[:_LISTED]:
            text += f"\n  skipped: {cell.reason}"
        return "\n".join((text, *alarm_lines(self.slides)))

    def as_json(self) -> dict[str, JsonValue]:
        """Return it for machines."""
        return {
            "model_id": self.model_id,
            "classified": self.cells,
            "skipped": [{"cell": cell.cell_id, "reason": cell.reason} for cell in self.skipped],
            "seconds": round(self.seconds, 3),
            "slide_shift": slide_shift_json(self.slides),
        }


def classify_cells(
    session: Session,
    predictor: Predictor,
    *,
    output: Output,
    again: bool = False,
    patients: Sequence[int] | None = None,
) -> Classified:
    """Classify cells and record each batch as it comes, so that a broken-off run goes on later.

    At the end every slide that has new predictions is assessed.

    Args:
        session: Of the workspace.
        predictor: The model.
        output: Shows the progress.
        again: Also cells that this model has classified before.
        patients: Only cells of these patients (row ids); None for all.
    """
    started = time.perf_counter()
    skipped: list[SkippedCell] = []
    done = 0
    with (
        output.progress("Classifying") as advance,
        closing(classify_workspace(session, predictor, again=again, patients=patients)) as steps,
    ):
        for step in steps:
            if isinstance(step, ClassifyStep):
                done += len(step.batch.cell_ids)
                skipped += step.skipped
                advance(step.done, step.total)
    return Classified(
        model_id=predictor.model_id,
        cells=done,
        skipped=tuple(skipped),
        slides=session.workspace.catalogue.slides.qualities(patients),
        seconds=time.perf_counter() - started,
    )


def alarm_lines(slides: Iterable[SlideQuality]) -> Iterator[str]:
    """Yield a warning for each slide that is unlike every training site."""
    for quality in slides:
        if quality.alarm and quality.shift is not None:
            text = quality.shift.text
            yield (
                f"Warning: slide {quality.slide} of patient {quality.patient} is unlike the"
                f" training sites, its confidence may be overstated. {capitalised(text)}"
                f" ({quality.shift.score:.2f} times the alarm threshold). {quality.shift.advice}"
            )


def slide_shift_json(slides: Iterable[SlideQuality]) -> list[JsonValue]:
    """Return what is known of slides for machines."""
    return [
        {
            "patient": quality.patient,
            "slide": quality.slide,
            "cells": quality.n_cells,
            "assessed_cells": quality.shift.n if quality.shift else None,
            "score": quality.shift.score if quality.shift else None,
            "alarm": quality.alarm,
            "statistic": quality.shift.statistic if quality.shift else None,
            "text": quality.words(),
            "advice": quality.shift.advice if quality.shift else "",
        }
        for quality in slides
    ]


def tell_export(exported: Exported, output: Output) -> None:
    """Tell people what was exported."""
    output.say(f"Wrote {counted(exported.written.rows, 'row')} to {exported.written.path}")
    if exported.told:
        output.say(exported.told)
    output.say(f"Audit log: event {exported.head_seq:,}, head hash {exported.head_hash}")


def export_json(exported: Exported) -> dict[str, JsonValue]:
    """Return what was exported for machines."""
    return {
        "what": exported.what.value,
        "training_set" if exported.what.is_training_set else "csv": str(exported.written.path),
        "meta": str(exported.meta),
        "rows": exported.written.rows,
        "sha256": exported.written.sha256,
        "head_seq": exported.head_seq,
        "head_hash": exported.head_hash,
    }


def workspace_facts(workspace: Workspace) -> dict[str, JsonValue]:
    """Return what a workspace holds."""
    catalogue = workspace.catalogue
    patients = catalogue.patients.all()
    head_seq, head_hash = catalogue.events.head()
    return {
        "folder": str(workspace.folder),
        "code": workspace.code,
        "patients": len(patients),
        "slides": sum(len(patient.slides) for patient in patients),
        "cells": sum(patient.n_cells for patient in patients),
        "reviewed": sum(patient.n_reviewed for patient in patients),
        "classified": {model.name: model.n_cells for model in catalogue.predictions.models()},
        "slide_shift": slide_shift_json(catalogue.slides.qualities()),
        "events": head_seq,
        "head_hash": head_hash,
    }
