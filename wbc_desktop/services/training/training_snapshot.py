"""Freezes what a job learns from: the labels of one moment with what the network saw of the cells.

``freeze_labels`` does all that takes time, in a worker, and touches nothing that is in use;
``start_job`` gives the job its number and records it, at once, in the session. What is written
holds no path and no patient's code. To hand one more array to a job, add it in ``TrainingArrays``;
``model/jobs/job_cells.py`` reads it.
"""

import re
import secrets
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.artifacts.array_files import write_arrays
from model.artifacts.card import sha256_of
from model.inference.predictor import Predictor, preprocess
from model.jobs.job_files import CELLS_FILE, SPEC_FILE, JobSpec, ModelName
from wbc_desktop.atomic_write import put_in_place
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.domain.training.model_log import ModelRef
from wbc_desktop.domain.training.training_set import TrainingSet
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.embeddings.embedding_fill import fill
from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
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
from wbc_desktop.services.training import job_folder as files
from wbc_desktop.services.training.jobs import Job, job_of
from wbc_desktop.services.training.readiness import job_cells, readiness_in
from wbc_desktop.services.training.trained_cells import cells_trained_on, sites_trained_elsewhere
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.workspace import Workspace

_CELL_BYTES = {JobKind.ADAPT: 2_700, JobKind.FINETUNE: 52_000}
_OUTPUT_BYTES = {JobKind.ADAPT: 5_000_000, JobKind.FINETUNE: 250_000_000}
_MODEL_NUMBER = re.compile(r"-(\d{1,9})(?:@|$)")
_CROPS_PER_STEP = 64  # crops between two reports
_LOOKING = "Looking at the cells"


@dataclass(frozen=True, kw_only=True)
class TrainingSnapshot:
    """The frozen labels of a job that has no number yet.

    Attributes:
        folder: Where it lies; renamed when the job is started.
        site: Only labels of this site, or None.
        event: The labels are those after this event.
        unreadable: Cells left out because their crop cannot be read.
        base: The model that the new one is made from.
        active: The model in use, which the new one is compared with.
        elsewhere: Sites that the active model has learnt from and this job does not look at.
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
    active: ModelRef
    elsewhere: tuple[str, ...]
    data_sha256: str

    def discard(self) -> None:
        """Delete it, if it was not started."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def document(self, number: int) -> dict[str, Json]:
        """Return ``job.json`` for a job of this number."""
        spec = JobSpec(
            job_id=f"{number:04d}-{self.kind.value}",
            kind=self.kind.value,
            seed=self.seed,
            model_id=f"{self.base.model_id}+{self.kind.value}-{number}",
            base=ModelName(self.base.model_id, self.base.sha256),
            active=ModelName(self.active.model_id, self.active.sha256),
            event=self.event,
            site=self.site,
            data_sha256=self.data_sha256,
            settings={},
        )
        return {
            **spec.document(),
            "elsewhere": list(self.elsewhere),
            "cells": len(self.cells),
            "holdout": int(self.cells.holdout.sum()),
            "grouped_by": self.cells.grouped_by.value,
        }


@dataclass(frozen=True, kw_only=True)
class SnapshotStep:
    """How far the writing of a snapshot has come.

    Attributes:
        what: What is being done, in the user's words.
        done: Cells dealt with.
        total: Cells in all.
        snapshot: The snapshot, in the last step alone.
    """

    what: str
    done: int
    total: int
    snapshot: TrainingSnapshot | None = None


def freeze_labels(
    workspace: Workspace,
    taxonomy: Taxonomy,
    *,
    kind: JobKind | str,
    site: str | None = None,
    seed: int = 0,
) -> Generator[SnapshotStep]:
    """Write down what a job learns from, as the labels are now; in a worker.

    Embeddings that are missing are computed and kept. Nothing is left if it is closed early.

    Args:
        workspace: The open workspace; no label is touched.
        taxonomy: Its classes.
        kind: Adapt or fine-tune.
        site: Only labels of this site; None for all.
        seed: Of all that is random in the job.

    Yields:
        Steps; the last one holds the snapshot.

    Raises:
        UserError: If there are too few labels, the disk refuses, or the model is missing.
    """
    kind = JobKind(kind)
    with workspace.snapshot() as catalogue:
        told = readiness_in(catalogue, taxonomy, kind=kind, site=site)
        cells = job_cells(catalogue, taxonomy, kind=kind, site=site)
        (event, _), active, base = catalogue.events.head(), active_ref(catalogue), base_ref()
    if not told.ready:
        raise UserError("There is too little to learn from", told.reason)
    elsewhere = sites_trained_elsewhere(active, workspace, site=site)
    _delete_leftovers(workspace)
    _check_space(workspace.folder, len(cells), kind)
    arrays = yield from _gather_arrays(workspace, taxonomy, cells, base=base, active=active)
    if kind is JobKind.FINETUNE:
        yield from _steps("Preparing the pictures", arrays.add_crops())
    folder = _new_folder(workspace.folder)
    try:
        with files.disk_errors(folder):
            write_arrays(folder / CELLS_FILE, arrays.arrays, notes=arrays.notes)
            digest = sha256_of(folder / CELLS_FILE)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    made = TrainingSnapshot(
        folder=folder,
        kind=kind,
        site=site,
        seed=seed,
        event=event,
        cells=arrays.cells,
        unreadable=len(cells) - len(arrays.cells),
        base=base,
        active=active,
        elsewhere=elsewhere,
        data_sha256=digest,
    )
    yield SnapshotStep(what="Freezing the labels", done=1, total=1, snapshot=made)


def start_job(session: Session, snapshot: TrainingSnapshot) -> Job:
    """Give a snapshot its number and record it; the job is then ready to be launched.

    Args:
        session: Of the workspace; on its thread.
        snapshot: Not started yet.

    Raises:
        UserError: If the disk refuses; nothing is left of the snapshot then.
    """
    command = StartJob(snapshot)
    try:
        session.record(command)
    except BaseException:
        # Whoever heard of the job may have failed: one that is recorded keeps its folder.
        if not _recorded(session, command):
            snapshot.discard()
            for place in command.folders:
                shutil.rmtree(place, ignore_errors=True)
        raise
    return job_of(files.JobFolder(command.folders[-1]))


def _recorded(session: Session, command: "StartJob") -> bool:
    names = {place.name for place in command.folders}
    started = session.workspace.catalogue.events.of_type(EventType.JOB_STARTED)
    return any(event.payload.get("job") in names for event in started)


@dataclass(frozen=True)
class StartJob:
    """Record a job that begins.

    Attributes:
        snapshot: What it learns from.
        folders: Where it is put.
    """

    snapshot: TrainingSnapshot
    folders: list[Path] = field(default_factory=list)

    def apply(self, context: Context) -> Changes:
        """Put the folder in its place and append the event."""
        jobs = self.snapshot.folder.parent
        number = next_job_number(context.tx.catalogue, jobs.parent)
        document = self.snapshot.document(number)
        files.JobFolder(self.snapshot.folder).write_json(SPEC_FILE, document)
        place = jobs / str(document["job_id"])
        with files.disk_errors(place):
            put_in_place(self.snapshot.folder, place)
        self.folders.append(place)
        payload: dict[str, Json] = {
            "job": document["job_id"],
            "kind": document["kind"],
            "model": document["model_id"],
            "base": document["base"],
            "champion": document["champion"],
            "event": self.snapshot.event,
            "site": self.snapshot.site or "",
            "seed": self.snapshot.seed,
            "cells": len(self.snapshot.cells),
            "holdout": document["holdout"],
            "grouped_by": document["grouped_by"],
            "data_sha256": self.snapshot.data_sha256,
            "text": f"Started {document['job_id']}",
        }
        event = context.tx.append_event(context.reader, EventType.JOB_STARTED, payload)
        return Changes(Kind.MODELS, (), event.seq, f"Started {document['job_id']}")


def next_job_number(catalogue: Catalogue, workspace: Path) -> int:
    """Return a number that no job of a workspace ever had, nor a model that was imported."""
    started = catalogue.events.of_type(EventType.JOB_STARTED)
    names = [folder.path.name for folder in files.folders(workspace)]
    names += [str(event.payload.get("job", "")) for event in started]
    ends = map(_MODEL_NUMBER.search, logged_models(catalogue))
    numbers = [*map(files.number_of, names), *(int(end[1]) for end in ends if end)]
    return max(numbers, default=0) + 1


def left_out_text(snapshot: TrainingSnapshot) -> str:
    """Say which labelled cells nothing is learned from; empty if there are none."""
    left = snapshot.cells.left_out
    parts = [
        (left.undecided, "marked unidentified"),
        (left.unsupported, "of own classes that stand below no class of the model"),
        (left.copies, "with the same picture as one kept aside for judging"),
        (left.surplus, "accepted in bulk beyond what one job takes"),
        (snapshot.unreadable, "whose crop cannot be read"),
    ]
    told = [f"{counted(n, 'cell')} {why}" for n, why in parts if n]
    return f"Left out: {'; '.join(told)}." if told else ""


class TrainingArrays:
    """Gathers the arrays of a job. In a worker.

    Attributes:
        cells: The cells whose crops can be read.
        arrays: By name, each with a row for each cell.
        notes: Names of labels and sites, digests of the pictures.

    Args:
        workspace: The open workspace; no label is touched.
        cells: What the job takes.
        embeddings: Of the shipped model, with every cell that has a readable crop.
        seen: bool (n,), the cells that the active model has learnt from.

    Raises:
        UserError: If no crop of a cell that trains can be read.
    """

    def __init__(
        self,
        workspace: Workspace,
        cells: TrainingSet,
        embeddings: WorkspaceEmbeddings,
        *,
        seen: NDArray[np.bool_],
    ) -> None:
        readable = ~np.isin(cells.cell_id, embeddings.missing(cells.cell_id))
        if not (readable & ~cells.holdout).any():
            raise UserError(
                "There is too little to learn from",
                "no crop of a labelled cell can be read",
                "Restore crops.db from a backup.",
            )
        self.cells = cells = cells.rows(readable)
        self._workspace = workspace
        labels, sites = (list(dict.fromkeys(names)) for names in (cells.labels, cells.sites))
        self.arrays: dict[str, NDArray[np.generic]] = {
            "cell_id": cells.cell_id,
            "label": _indices(cells.labels, labels),
            "weight": cells.weight,
            "group": cells.group,
            "site": _indices(cells.sites, sites),
            "holdout": cells.holdout.astype(np.uint8),
            "seen_by_champion": seen[readable].astype(np.uint8),
            "embedding": embeddings.rows(cells.cell_id),
        }
        self.notes: dict[str, list[str]] = {
            "labels": labels,
            "sites": sites,
            "image_sha256": list(cells.image_sha256),
        }

    def add_active_embedding(self, embeddings: WorkspaceEmbeddings) -> None:
        """Add the embeddings of an active model that has a backbone of its own."""
        self.arrays["champion_embedding"] = embeddings.rows(self.cells.cell_id)

    def add_crops(self) -> Generator[tuple[int, int]]:
        """Add the pictures as the network sees them, uint8 (n, 128, 128, 3).

        Yields:
            How many are ready, and how many there are.

        Raises:
            UserError: If one cannot be read.
        """
        refs = self._workspace.catalogue.cells.crop_refs(self.cells.cell_id.tolist())
        pictures: list[NDArray[np.uint8]] = []
        for done, ref in enumerate(refs, start=1):
            encoded = self._workspace.crops.encoded(ref.image_sha256)
            crop = decode(encoded, name=ref.image_sha256)
            pictures.append(preprocess(crop, ref.um_per_px)[0])
            if done % _CROPS_PER_STEP == 0 or done == len(refs):
                yield done, len(refs)
        self.arrays["crops"] = np.stack(pictures)


def _gather_arrays(
    workspace: Workspace,
    taxonomy: Taxonomy,
    cells: TrainingSet,
    *,
    base: ModelRef,
    active: ModelRef,
) -> Generator[SnapshotStep, None, TrainingArrays]:
    """Compute the embeddings that are missing and return the arrays of the cells."""
    embeddings = WorkspaceEmbeddings(workspace, model_sha256=base.sha256)
    yield from _embed(workspace, embeddings, cells, lambda: open_predictor(taxonomy))
    seen = cells_trained_on(active, workspace, cells)
    arrays = TrainingArrays(workspace, cells, embeddings, seen=seen)
    other = embedding_sha256(workspace)
    if other != base.sha256:  # a fine-tuned model sees cells with a backbone of its own
        own = WorkspaceEmbeddings(workspace, model_sha256=other)
        yield from _embed(workspace, own, arrays.cells, lambda: open_active(workspace, taxonomy))
        arrays.add_active_embedding(own)
    return arrays


def _embed(
    workspace: Workspace,
    embeddings: WorkspaceEmbeddings,
    cells: TrainingSet,
    open_model: Callable[[], Predictor],
) -> Generator[SnapshotStep]:
    """Compute and keep the embeddings that are missing; a crop that cannot be read stays without.

    Raises:
        UserError: If they cannot be stored.
    """
    missing = embeddings.missing(cells.cell_id)
    if len(missing):
        steps = fill(workspace, open_model(), embeddings, missing)
        yield from _steps(_LOOKING, ((step.done, step.total) for step in steps))


def _steps(what: str, steps: Iterable[tuple[int, int]]) -> Iterator[SnapshotStep]:
    for done, total in steps:
        yield SnapshotStep(what=what, done=done, total=total)


def _new_folder(workspace: Path) -> Path:
    folder = workspace / files.FOLDER / f"{files.PARTIAL}{secrets.token_hex(8)}"
    with files.disk_errors(folder):
        folder.mkdir(parents=True)
    return folder


def _delete_leftovers(workspace: Workspace) -> None:
    """Delete what jobs of before have no more need of."""
    files.remove_abandoned(workspace.folder)
    ended = workspace.catalogue.events.of_type(EventType.JOB_ENDED)
    known = {str(event.payload.get("job")) for event in ended}
    for folder in files.folders(workspace.folder):
        if folder.path.name in known and not folder.running():
            folder.delete_work()


def _check_space(workspace: Path, n: int, kind: JobKind) -> None:
    need = n * _CELL_BYTES[kind] + _OUTPUT_BYTES[kind]
    with files.disk_errors(workspace):
        free = shutil.disk_usage(workspace).free
    if free < need:
        raise UserError(
            "There is too little room on the disk",
            f"{workspace}: {need / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free",
            "Free some space. Folders in jobs whose training has ended may be deleted.",
        )


def _indices(names: Iterable[str], known: list[str]) -> NDArray[np.int64]:
    row = {name: place for place, name in enumerate(known)}
    return np.array([row[name] for name in names], np.int64)
