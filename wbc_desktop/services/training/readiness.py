"""Whether a model can learn from the labels of a workspace now, and which labels these are.

A job needs labels that the last one of its kind has not seen, and cells of two classes. The reason
against it is told in the user's words, so that window and command line say the same. What a job
takes is decided in ``domain/training/training_set``; ``training_snapshot`` writes it down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.finetune.config import missing_packages
from wbc_desktop.domain.audit.events import Event, EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.domain.training.training_set import (
    TrainingSet,
    is_undecided,
    learnt_as,
    training_set,
)
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.models.registry import active_ref
from wbc_desktop.services.training.trained_cells import sites_trained_elsewhere
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.workspace import Workspace

LEAST_NEW = 10
"""New labels from which on a job is offered."""
LEAST_CLASSES = 2
MOST_CELLS: Mapping[JobKind, int] = {JobKind.ADAPT: 20_000, JobKind.FINETUNE: 5_000}
"""What one job takes; cells accepted in bulk give way. 2.7 kB a cell, 52 kB with its picture."""
UNSUCCESSFUL_ENDS = ("failed", "cancelled")
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
        sites: Names of the sites that they are of, sorted; the empty string where none is known.
        ready: Whether there is enough.
        reason: Why not, in the user's words; empty if it is ready.
    """

    labels: int
    new_labels: int
    holdout: int
    per_class: Mapping[str, int]
    patients: int
    sites: tuple[str, ...]
    ready: bool
    reason: str


def training_site(workspace: Workspace, *, site: str | None) -> str | None:
    """Return the site whose labels a job should take, None for those of all sites; in a worker.

    That is the site that was asked for, unless the model in use has learnt from another one: a
    model of one site alone would lose that, and never be better.

    Args:
        workspace: The open workspace; only read.
        site: The one that was asked for; None for all.

    Raises:
        UserError: If the workspace or the model in use is damaged.
    """
    active = active_ref(workspace.catalogue)
    return None if sites_trained_elsewhere(active, workspace, site=site) else site


def readiness(
    workspace: Workspace,
    taxonomy: Taxonomy,
    *,
    kind: JobKind | str = JobKind.ADAPT,
    site: str | None = None,
) -> Readiness:
    """Tell whether a job can be started; in a worker, for it counts every human label.

    Args:
        workspace: The open workspace; only read.
        taxonomy: Its classes.
        kind: Of the job.
        site: Only labels of this site; None for all.

    Raises:
        UserError: If there is no such site, or the workspace is damaged.
    """
    with workspace.snapshot() as catalogue:
        return readiness_in(catalogue, taxonomy, kind=JobKind(kind), site=site)


def readiness_in(
    catalogue: Catalogue, taxonomy: Taxonomy, *, kind: JobKind, site: str | None
) -> Readiness:
    """Do as ``readiness`` on one state of the workspace. The labels are counted where they are."""
    given = catalogue.training.labels(site)
    if site is not None and not given:
        _check_site(catalogue, site)
    taught = {label: learnt_as(label, taxonomy) for label in given}
    counts = catalogue.training.label_counts(
        {label: name for label, name in taught.items() if name is not None},
        drawn=catalogue.training.drawn_first(),
        at_most=MOST_CELLS[kind],
        known_until=_known_until(catalogue, kind=kind, site=site),
        site=site,
    )
    per_class: dict[str, int] = {}
    for count in counts:
        if not count.held_out:
            per_class[count.class_id] = per_class.get(count.class_id, 0) + count.n
    labels, new = sum(count.n for count in counts), sum(count.n_new for count in counts)
    reason = _reason(labels, new, per_class, taxonomy)
    if not labels:
        useless = {label: n for label, n in given.items() if taught[label] is None}
        reason = _no_label(useless, taxonomy)
    return Readiness(
        labels=labels,
        new_labels=new,
        holdout=sum(count.n for count in counts if count.held_out),
        per_class=per_class,
        patients=len({count.patient for count in counts}),
        sites=tuple(sorted({count.site for count in counts})),
        ready=not reason,
        reason=reason,
    )


def job_cells(
    catalogue: Catalogue, taxonomy: Taxonomy, *, kind: JobKind, site: str | None
) -> TrainingSet:
    """Return the cells that a job of a kind takes."""
    return training_set(
        catalogue.training.labelled_cells(site),
        taxonomy,
        drawn=catalogue.training.drawn_first(),
        at_most=MOST_CELLS[kind],
    )


def why_no_finetuning() -> str:
    """Return what fine-tuning lacks here, in the user's words; empty if it can run."""
    lacking = missing_packages()
    if not lacking:
        return ""
    return f"Fine-tuning needs {' and '.join(lacking)}, which this edition does not bring"


def _known_until(catalogue: Catalogue, *, kind: JobKind, site: str | None) -> dict[str, int]:
    """Return the event up to which a job of this kind knows the labels, by name of the site."""
    began = _jobs_of(catalogue, kind)
    names = {"", *catalogue.patients.sites().values()}
    if not began:
        return dict.fromkeys(names, 0)
    in_use = active_ref(catalogue).model_id
    return {name: _known_of_site(began, name, site=site, in_use=in_use) for name in names}


def _known_of_site(began: Sequence[Event], name: str, *, site: str | None, in_use: str) -> int:
    """Return the event up to which all labels of a site are known; 0 if there is none.

    A job for all sites knows those of each. To a job for all sites, one for a single site counts
    only if its model is in use: two sites learnt from apart are still to be learnt from together.

    Args:
        began: The jobs that count.
        name: Of the site.
        site: Which labels are asked for; None for those of all sites.
        in_use: Name of the model in use.
    """

    def knows(event: Event) -> bool:
        own = event.payload.get("site")
        return not own or (own == name and (bool(site) or event.payload.get("model") == in_use))

    return max((_count(event, "event") for event in began if knows(event)), default=0)


def _jobs_of(catalogue: Catalogue, kind: JobKind) -> list[Event]:
    """Return the starts of the jobs of a kind, without those that failed or were cancelled."""
    vain = {
        event.payload.get("job")
        for event in catalogue.events.of_type(EventType.JOB_ENDED)
        if event.payload.get("outcome") in UNSUCCESSFUL_ENDS
    }
    return [
        event
        for event in catalogue.events.of_type(EventType.JOB_STARTED)
        if event.payload.get("kind") == kind.value and event.payload.get("job") not in vain
    ]


def _check_site(catalogue: Catalogue, site: str) -> None:
    known = sorted({name for name in catalogue.patients.sites().values() if name})
    if site not in known:
        raise UserError(
            "There is no such site",
            site,
            f"The workspace has {', '.join(known)}."
            if known
            else "No patient of this workspace has one; leave it out.",
        )


def _no_label(useless: Mapping[str, int], taxonomy: Taxonomy) -> str:
    """Return why no label can be learnt from.

    Args:
        useless: Cells by labels that teach nothing.
        taxonomy: The classes.
    """
    undecided = sum(n for label, n in useless.items() if is_undecided(label, taxonomy))
    unsupported = sum(useless.values()) - undecided
    told = "No cell has a label to learn from yet"
    if undecided:
        told += f"; {counted(undecided, 'cell')} marked unidentified teach nothing"
    if unsupported:
        told += f"; {counted(unsupported, 'cell')} of own classes stand below no class"
    return f"{told}. Label {LEAST_NEW} cells."


def _reason(labels: int, new: int, per_class: Mapping[str, int], taxonomy: Taxonomy) -> str:
    if new < LEAST_NEW:
        have = "none is" if not new else f"{new} {'is' if new == 1 else 'are'}"
        return (
            f"Of {counted(labels, 'label')} {have} new. "
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
