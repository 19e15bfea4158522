"""Whether a model can learn from the labels of a workspace now, and which labels these are.

A job needs labels that the last one of its kind has not seen, and cells of two classes. The reason
against it is told in the user's words, so that window and command line say the same. What a job
takes is decided in ``domain/training_set``; ``training_draft`` writes it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.events import Event, EventType
from wbc_desktop.domain.job import JobKind
from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.domain.training_set import TrainingSet, training_set
from wbc_desktop.domain.wording import counted
from wbc_desktop.store.catalogue import Catalogue
from wbc_desktop.store.workspace import Workspace

LEAST_NEW = 10
"""New labels from which on a job is offered."""
LEAST_CLASSES = 2
MOST_CELLS: Mapping[JobKind, int] = {JobKind.ADAPT: 20_000, JobKind.FINETUNE: 5_000}
"""What one job takes; cells accepted in bulk give way. 2.7 kB a cell, 52 kB with its picture."""
VAIN_ENDS = ("failed", "cancelled")
"""Outcomes after which the labels of a job still count as new."""


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether a job can be started.

    Attributes:
        labels: Cells that it would learn from or be judged by.
        new_labels: Those of them labelled since the last job of this kind began.
        holdout: Those of them that never train.
        per_class: Cells of each class that would train, by class id.
        patients: Patients that the cells are of.
        ready: Whether there is enough.
        reason: Why not, in the user's words; empty if it is ready.
    """

    labels: int
    new_labels: int
    holdout: int
    per_class: Mapping[str, int]
    patients: int
    ready: bool
    reason: str


def readiness(
    workspace: Workspace,
    taxonomy: Taxonomy,
    *,
    kind: JobKind | str = JobKind.ADAPT,
    site: str | None = None,
) -> Readiness:
    """Tell whether a job can be started; in a worker, for it reads every human label.

    Args:
        workspace: The open workspace; only read.
        taxonomy: Its classes.
        kind: Of the job.
        site: Only labels of this site; None for all.

    Raises:
        UserError: If there is no such site, or the workspace is damaged.
    """
    with workspace.snapshot() as catalogue:
        return readiness_in(catalogue, taxonomy, kind=JobKind(kind), site=site)[0]


def readiness_in(
    catalogue: Catalogue, taxonomy: Taxonomy, *, kind: JobKind, site: str | None
) -> tuple[Readiness, TrainingSet]:
    """Do as ``readiness`` on one state of the workspace; also return what the job would take."""
    cells = catalogue.labelled_cells(site)
    if site is not None and not cells:
        _check_site(catalogue, site)
    taken = training_set(
        cells, taxonomy, drawn=catalogue.drawn_first(), at_most=MOST_CELLS[JobKind(kind)]
    )
    new = len(taken)
    if seen := last_event(catalogue, kind=kind, site=site):
        since = catalogue.labelled_after(seen)
        new = sum(cell_id in since for cell_id in taken.cell_id.tolist())
    per_class = taken.counts()
    reason = _reason(taken, new, per_class, taxonomy)
    told = Readiness(
        labels=len(taken),
        new_labels=new,
        holdout=int(taken.holdout.sum()),
        per_class=per_class,
        patients=taken.patients,
        ready=not reason,
        reason=reason,
    )
    return told, taken


def last_event(catalogue: Catalogue, *, kind: JobKind, site: str | None) -> int:
    """Return the event up to which the last job of this kind knows every label; 0 if there is none.

    A job that failed or was cancelled does not count, nor does one for another site.
    """
    vain = {
        event.payload.get("job")
        for event in catalogue.events_of(EventType.JOB_ENDED)
        if event.payload.get("outcome") in VAIN_ENDS
    }
    frozen = [
        _count(event, "event")
        for event in catalogue.events_of(EventType.JOB_STARTED)
        if event.payload.get("kind") == kind.value
        and event.payload.get("job") not in vain
        and event.payload.get("site") in ("", site or "")  # one for all sites knows this one's
    ]
    return max(frozen, default=0)


def _check_site(catalogue: Catalogue, site: str) -> None:
    known = sorted({name for name in catalogue.patient_sites().values() if name})
    if site not in known:
        raise UserError(
            "There is no such site",
            site,
            f"The workspace has {', '.join(known)}."
            if known
            else "No patient of this workspace has one; leave it out.",
        )


def _reason(taken: TrainingSet, new: int, per_class: Mapping[str, int], taxonomy: Taxonomy) -> str:
    if not len(taken):
        told = "No cell has a label to learn from yet"
        left = taken.left_out
        if left.undecided:
            told += f"; {counted(left.undecided, 'cell')} marked unidentified teach nothing"
        if left.unsupported:
            told += f"; {counted(left.unsupported, 'cell')} of own classes stand below no class"
        return f"{told}. Label {LEAST_NEW} cells."
    if new < LEAST_NEW:
        have = "none is" if not new else f"{new} {'is' if new == 1 else 'are'}"
        return (
            f"Of {counted(len(taken), 'label')} {have} new. "
            f"Label {counted(LEAST_NEW - new, 'more cell')}."
        )
    if len(per_class) < LEAST_CLASSES:
        if not per_class:
            return "All labelled cells were drawn for judging. Label other cells, too."
        (only,) = per_class
        name = taxonomy.by_id[only].name
        return f"All labels are of one class, {name}. Label cells of another class, too."
    return ""


def _count(event: Event, name: str) -> int:
    value = event.payload.get(name)
    return value if isinstance(value, int) else 0
