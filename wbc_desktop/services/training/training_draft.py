"""Freezes what a job learns from: the labels of one moment with what the network saw of the cells.

``draft`` does all that takes time, in a worker, and touches nothing that is in use; ``start`` gives
the job its number and records it, at once, in the session. What is written holds no path and no
patient's code. To hand one more array to a job, add it in ``training_arrays``.
"""

import re
import secrets
import shutil
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from model.artifacts.array_files import write_arrays
from model.artifacts.card import sha256_of
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.domain.training.model_log import ModelRef
from wbc_desktop.domain.training.training_set import TrainingSet
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.embeddings.workspace_embeddings import Embeddings
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.models.registry import (
    active_ref,
    base_ref,
    embedding_sha256,
    logged_models,
    open_active,
)
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.training.jobs import Job, job_of
from wbc_desktop.services.training.learned_cells import learnt_elsewhere, seen_by
from wbc_desktop.services.training.readiness import readiness_in
from wbc_desktop.services.training.training_arrays import TrainingArrays, filled
from wbc_desktop.store import job_folder as files
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.workspace import Workspace

_CELL_BYTES = {JobKind.ADAPT: 2_700, JobKind.FINETUNE: 52_000}
_OUTPUT_BYTES = {JobKind.ADAPT: 5_000_000, JobKind.FINETUNE: 250_000_000}
_MODEL_NUMBER = re.compile(r"-(\d{1,9})(?:@|$)")
_LOOKING = "Looking at the cells"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A job that is written but has no number yet.

    Attributes:
        folder: Where it lies; renamed when it is started.
        kind: Of the job.
        site: Only labels of this site, or None.
        seed: Of all that is random in it.
        event: The labels are those after this event.
        cells: What it learns from.
        unreadable: Cells left out because their crop cannot be read.
        base: The model it is made from.
        champion: The model it is judged against.
        elsewhere: Sites that the champion has learnt from and this job does not look at.
        data_sha256: Digest of the file of cells.
    """

    folder: Path
    kind: JobKind
    site: str | None
    seed: int
    event: int
    cells: TrainingSet
    unreadable: int
    base: ModelRef
    champion: ModelRef
    elsewhere: tuple[str, ...]
    data_sha256: str

    def discard(self) -> None:
        """Delete it, if it was not started."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def document(self, number: int) -> dict[str, Json]:
        """Return ``job.json`` for a job of this number."""
        return {
            "format": files.FORMAT,
            "job_id": f"{number:04d}-{self.kind.value}",
            "kind": self.kind.value,
            "seed": self.seed,
            "model_id": f"{self.base.model_id}+{self.kind.value}-{number}",
            "base": _named(self.base),
            "champion": _named(self.champion),
            "event": self.event,
            "site": self.site,
            "elsewhere": list(self.elsewhere),
            "settings": {},
            "cells": len(self.cells),
            "holdout": int(self.cells.holdout.sum()),
            "grouped_by": self.cells.grouped_by.value,
            "data_sha256": self.data_sha256,
        }


@dataclass(frozen=True, kw_only=True)
class DraftStep:
    """How far the writing of a draft has come.

    Attributes:
        what: What is being done, in the user's words.
        done: Cells dealt with.
        total: Cells in all.
        draft: The draft, in the last step alone.
    """

    what: str
    done: int
    total: int
    draft: Draft | None = None


def draft(
    workspace: Workspace,
    taxonomy: Taxonomy,
    *,
    kind: JobKind | str,
    site: str | None = None,
    seed: int = 0,
) -> Generator[DraftStep]:
    """Write down what a job learns from, as the labels are now; in a worker.

    Embeddings that are missing are computed and kept. Nothing is left if it is closed early.

    Args:
        workspace: The open workspace; no label is touched.
        taxonomy: Its classes.
        kind: Of the job.
        site: Only labels of this site; None for all.
        seed: Of all that is random in the job.

    Yields:
        Steps; the last one holds the draft.

    Raises:
        UserError: If there are too few labels, the disk refuses, or the model is missing.
    """
    kind = JobKind(kind)
    with workspace.snapshot() as catalogue:
        told, cells = readiness_in(catalogue, taxonomy, kind=kind, site=site)
        (event, _), champion, base = catalogue.head(), active_ref(catalogue), base_ref()
    if not told.ready:
        raise UserError("There is too little to learn from", told.reason)
    elsewhere = learnt_elsewhere(champion, workspace, site=site)
    _tidy(workspace)
    _check_space(workspace.folder, len(cells), kind)
    gathered = yield from _gathered(workspace, taxonomy, cells, base=base, champion=champion)
    if kind is JobKind.FINETUNE:
        yield from _steps("Preparing the pictures", gathered.add_crops())
    kept = gathered.cells
    folder = _new_folder(workspace.folder)
    try:
        with files.explained(folder):
            write_arrays(folder / files.CELLS, gathered.arrays, notes=gathered.notes)
            digest = sha256_of(folder / files.CELLS)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    made = Draft(
        folder=folder,
        kind=kind,
        site=site,
        seed=seed,
        event=event,
        cells=kept,
        unreadable=len(cells) - len(kept),
        base=base,
        champion=champion,
        elsewhere=elsewhere,
        data_sha256=digest,
    )
    yield DraftStep(what="Freezing the labels", done=len(kept), total=len(kept), draft=made)


def start(session: Session, drafted: Draft) -> Job:
    """Give a draft its number and record it; the job is then ready to be launched.

    Args:
        session: Of the workspace; on its thread.
        drafted: Not started yet.

    Raises:
        UserError: If the disk refuses; nothing is left of the draft then.
    """
    command = StartJob(drafted)
    try:
        session.record(command)
    except BaseException:
        # Whoever heard of the job may have failed: one that is recorded keeps its folder.
        if not _recorded(session, command):
            drafted.discard()
            for place in command.places:
                shutil.rmtree(place, ignore_errors=True)
        raise
    return job_of(files.JobFolder(command.places[-1]))


def _recorded(session: Session, command: "StartJob") -> bool:
    names = {place.name for place in command.places}
    started = session.workspace.catalogue.events_of(EventType.JOB_STARTED)
    return any(event.payload.get("job") in names for event in started)


@dataclass(frozen=True)
class StartJob:
    """Record a job that begins.

    Attributes:
        draft: What it does.
        places: Where its folder is put.
    """

    draft: Draft
    places: list[Path] = field(default_factory=list)

    def apply(self, context: Context) -> Changes:
        """Put the folder in its place and append the event."""
        jobs = self.draft.folder.parent
        number = next_number(context.tx.catalogue, jobs.parent)
        document = self.draft.document(number)
        files.JobFolder(self.draft.folder).write_json(files.JOB, document)
        place = jobs / str(document["job_id"])
        with files.explained(place):
            self.draft.folder.rename(place)
        self.places.append(place)
        payload: dict[str, Json] = {
            "job": document["job_id"],
            "kind": document["kind"],
            "model": document["model_id"],
            "base": document["base"],
            "champion": document["champion"],
            "event": self.draft.event,
            "site": self.draft.site or "",
            "seed": self.draft.seed,
            "cells": len(self.draft.cells),
            "holdout": document["holdout"],
            "grouped_by": document["grouped_by"],
            "data_sha256": self.draft.data_sha256,
            "text": f"Started {document['job_id']}",
        }
        event = context.tx.append_event(context.reader, EventType.JOB_STARTED, payload)
        return Changes(Kind.MODELS, (), event.seq, f"Started {document['job_id']}")


def next_number(catalogue: Catalogue, workspace: Path) -> int:
    """Return a number that no job of a workspace ever had, nor a model that was imported."""
    started = catalogue.events_of(EventType.JOB_STARTED)
    names = [folder.path.name for folder in files.folders(workspace)]
    names += [str(event.payload.get("job", "")) for event in started]
    ends = map(_MODEL_NUMBER.search, logged_models(catalogue))
    numbers = [*map(files.number_of, names), *(int(end[1]) for end in ends if end)]
    return max(numbers, default=0) + 1


def left_out_text(drafted: Draft) -> str:
    """Say which labelled cells nothing is learned from; empty if there are none."""
    left = drafted.cells.left_out
    parts = [
        (left.undecided, "marked unidentified"),
        (left.unsupported, "of own classes that stand below no class of the model"),
        (left.copies, "with the same picture as one kept aside for judging"),
        (left.surplus, "accepted in bulk beyond what one job takes"),
        (drafted.unreadable, "whose crop cannot be read"),
    ]
    told = [f"{counted(n, 'cell')} {why}" for n, why in parts if n]
    return f"Left out: {'; '.join(told)}." if told else ""


def _gathered(
    workspace: Workspace,
    taxonomy: Taxonomy,
    cells: TrainingSet,
    *,
    base: ModelRef,
    champion: ModelRef,
) -> Generator[DraftStep, None, TrainingArrays]:
    """Compute the embeddings that are missing and return the arrays of the cells."""
    embeddings = Embeddings(workspace, model_sha256=base.sha256)
    if len(embeddings.missing(cells.cell_id)):
        steps = filled(workspace, embeddings, open_predictor(taxonomy), cells)
        yield from _steps(_LOOKING, ((step.done, step.total) for step in steps))
    arrays = TrainingArrays(workspace, cells, embeddings, seen=seen_by(champion, workspace, cells))
    other = embedding_sha256(workspace)
    if other != base.sha256:  # a fine-tuned champion sees cells with a backbone of its own
        own = Embeddings(workspace, model_sha256=other)
        if len(own.missing(arrays.cells.cell_id)):
            steps = filled(workspace, own, open_active(workspace, taxonomy), arrays.cells)
            yield from _steps(_LOOKING, ((step.done, step.total) for step in steps))
        arrays.add_champion_embedding(own)
    return arrays


def _steps(what: str, steps: Iterable[tuple[int, int]]) -> Iterator[DraftStep]:
    for done, total in steps:
        yield DraftStep(what=what, done=done, total=total)


def _new_folder(workspace: Path) -> Path:
    folder = workspace / files.FOLDER / f"{files.DRAFT}{secrets.token_hex(8)}"
    with files.explained(folder):
        folder.mkdir(parents=True)
    return folder


def _tidy(workspace: Workspace) -> None:
    """Delete what jobs of before have no more need of."""
    files.remove_abandoned(workspace.folder)
    ended = workspace.reader().events_of(EventType.JOB_ENDED)
    known = {str(event.payload.get("job")) for event in ended}
    for folder in files.folders(workspace.folder):
        if folder.path.name in known and not folder.running():
            folder.drop_work()


def _check_space(workspace: Path, n: int, kind: JobKind) -> None:
    need = n * _CELL_BYTES[kind] + _OUTPUT_BYTES[kind]
    with files.explained(workspace):
        free = shutil.disk_usage(workspace).free
    if free < need:
        raise UserError(
            "There is too little room on the disk",
            f"{workspace}: {need / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free",
            "Free some space. Folders in jobs whose training has ended may be deleted.",
        )


def _named(ref: ModelRef) -> dict[str, Json]:
    return {"model_id": ref.model_id, "model_sha256": ref.sha256}
