"""What of a workspace the active model has learnt from itself: cells, and sites.

These cells cannot be used to judge it. The job that made the model knows them; where its folder was
deleted, every cell with a label at that time is taken for one of them, which is never too few.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model.artifacts.array_files import read_arrays
from model.artifacts.card import ModelFileError, read_card, sha256_of
from model.jobs.job_files import CELLS_FILE
from wbc_desktop.domain.audit.events import Event, EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.model_log import ModelRef
from wbc_desktop.domain.training.training_set import TrainingSet
from wbc_desktop.services.training import job_folder as files
from wbc_desktop.store.model_registry import ModelFolders
from wbc_desktop.store.workspace import Workspace


def cells_trained_on(
    active: ModelRef, workspace: Workspace, cells: TrainingSet
) -> NDArray[np.bool_]:
    """Tell which cells the active learnt from, bool (n,).

    Args:
        active: The active model.
        workspace: The open workspace; only read.
        cells: The training set of a new job.

    Raises:
        UserError: If the active model is damaged.
    """
    none = np.zeros(len(cells), np.bool_)
    if active.shipped:
        return none
    job = _job_of(active, workspace)
    if job is None:
        return none  # it was imported: its cells were another workspace's
    known = _trained(workspace, job)
    if known is not None:
        return np.isin(cells.cell_id, known)
    until = job.payload.get("event")
    first = workspace.catalogue.training.first_labelled()
    early = (
        [first.get(cell_id, 0) <= until for cell_id in cells.cell_id.tolist()]
        if (isinstance(until, int))
        else [True] * len(cells)
    )
    return np.array(early, np.bool_) & ~cells.holdout


def sites_trained_elsewhere(
    active: ModelRef, workspace: Workspace, *, site: str | None
) -> tuple[str, ...]:
    """Return the sites that the active model learnt from and a job for one site does not look at.

    Args:
        active: The active model.
        workspace: The open workspace; only read.
        site: Of the job; None for all, which leaves out none.

    Raises:
        UserError: If the active model is damaged.
    """
    if site is None or active.shipped or _job_of(active, workspace) is None:
        return ()
    stated = _trained_on(active, workspace).get("sites")
    learnt = {str(name) for name in stated} if isinstance(stated, list) else set()
    there = set(workspace.catalogue.patients.sites().values())  # a site may be called otherwise now
    return tuple(sorted((learnt & there) - {site}))


def _job_of(active: ModelRef, workspace: Workspace) -> Event | None:
    """Return the start of the job that made a model, None if no job of this workspace did."""
    digest = _trained_on(active, workspace).get("data_sha256")
    for event in workspace.catalogue.events.of_type(EventType.JOB_STARTED):
        if digest and event.payload.get("data_sha256") == digest:
            return event
    return None


def _trained_on(active: ModelRef, workspace: Workspace) -> Mapping[str, object]:
    """Return what the card of the active model says that it learnt from."""
    folder = ModelFolders(workspace.folder).path(active.model_id)
    try:
        trained_on = read_card(folder).get("trained_on")
    except ModelFileError as error:
        raise UserError(
            "The active model cannot be used",
            str(error),
            "Roll back to the model before it, or put its folder back from a backup.",
        ) from error
    return trained_on if isinstance(trained_on, dict) else {}


def _trained(workspace: Workspace, job: Event) -> NDArray[np.int64] | None:
    """Return the cells a job trained on, int64 (m,); None if its folder is gone or changed."""
    path = workspace.folder / files.FOLDER / str(job.payload.get("job")) / CELLS_FILE
    try:
        if sha256_of(path) != job.payload.get("data_sha256"):
            return None
        arrays, _ = read_arrays(path)
        trained: NDArray[np.int64] = arrays["cell_id"][arrays["holdout"] == 0]
    except (OSError, ValueError, KeyError):
        return None
    return trained
