"""The words of the training panel: what can be learned, how far a job is, what it reported."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.training.job import JobKind, JobProgress, JobState
from wbc_desktop.domain.wording import capitalised, counted
from wbc_desktop.gui.training.job_monitor import Look
from wbc_desktop.gui.training.training_values import CurvePoint, RunView
from wbc_desktop.gui.widgets.status_line import remaining

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.training.jobs import Job
    from wbc_desktop.services.training.readiness import Readiness

_PHASES = {
    "reading": "Reading the labels",
    "fitting": "Learning",
    "judging": "Judging on cells that it has not learned from",
    "training": "Training the network",
    "exporting": "Writing the model",
}
_KINDS = {JobKind.ADAPT: "Adapting", JobKind.FINETUNE: "Fine-tuning"}
_FEW, _SOME = 500, 2000  # labels, up to which an adaption takes seconds, and under a minute
_LONGEST = 40  # characters that the names of sites may take on a button
STAYS = "The model in use stays until you promote the new one; labels are never changed."
FINETUNE = (
    "Fine-tuning trains the whole network, from the model that came with the program, on every "
    "label given here. It takes minutes on a graphics card and hours without one. You can go on "
    "reviewing, pause it, or close the window: it goes on by itself."
)


def adapt_time(labels: int) -> str:
    """Return about how long an adaption takes, in words that hold on a busy computer as well."""
    if labels <= _FEW:
        return "a few seconds"
    return "less than a minute" if labels <= _SOME else "a few minutes"


def place_text(ready: "Readiness | None", site: str | None) -> str:
    """Return where the labels are from, that something would be learned from.

    Args:
        ready: Of an adaption; None while that is not known.
        site: Whose labels count, or None for all.
    """
    if ready is None or site or not any(ready.sites):
        return "this site"
    *most, last = ready.sites
    named = f"sites {', '.join(most)} and {last}" if most else f"site {last}"
    return named if all(ready.sites) and len(named) <= _LONGEST else f"{len(ready.sites)} sites"


def offer_text(ready: "Readiness", site: str | None) -> str:
    """Return what the button of the offer says.

    Args:
        ready: Of an adaption.
        site: Whose labels count, or None for all.
    """
    labels = counted(ready.labels, "label")
    return f"Adapt to {place_text(ready, site)}: {labels}, {adapt_time(ready.labels)}"


def ready_text(ready: "Readiness", site: str | None) -> str:
    """Return what there is to learn from, or what is missing.

    Args:
        ready: Of an adaption.
        site: Whose labels count, or None for all.
    """
    if not ready.ready:
        return f"{ready.reason} {STAYS}"
    classes = counted(len(ready.per_class), "class", "classes")
    patients = counted(ready.patients, "patient")
    where = f" at {site}" if site else ""
    if not site and len(ready.sites) > 1:
        where = f" at {place_text(ready, site)}"
    text = (
        f"{counted(ready.labels, 'label')}{where}, {ready.new_labels:,} of them new, of {classes} "
        f"from {patients}."
    )
    if ready.holdout:
        drawn = counted(ready.holdout, "drawn cell")
        text += f" {drawn} {'is' if ready.holdout == 1 else 'are'} kept aside to judge by."
    return f"{text} Adapting takes {adapt_time(ready.labels)}. {STAYS}"


def job_title(job: "Job") -> str:
    """Return what a job does and what it makes."""
    return f"{_KINDS[job.kind]}: {job.model_id}"


def judged_text(job: "Job") -> str:
    """Return what a verdict rests on."""
    where = f" of site {job.site}" if job.site else ""
    return (
        f"Learned from {counted(job.cells, 'labelled cell')}{where}.\n"
        f"Judged against {job.champion}."
    )


def run_view(job: "Job", state: JobState, progress: Sequence[JobProgress]) -> RunView:
    """Return how far a job is.

    Args:
        job: The job.
        state: Where it stands.
        progress: What it has reported.
    """
    paused = state is JobState.PAUSED
    if not progress:
        return RunView(title=job_title(job), text="Paused" if paused else "Starting", paused=paused)
    last = progress[-1]
    text = _PHASES.get(last.phase, capitalised(last.phase))
    if last.steps > 1:
        text += f", step {last.step:,} of {last.steps:,}"
    text = f"Paused. {text}" if paused else f"{text}{remaining(last.eta_s)}"
    return RunView(title=job_title(job), text=text, done=last.step, total=last.steps, paused=paused)


def run_of(job: "Job", look: Look) -> RunView:
    """Return how far a job is, or what it waits for.

    Args:
        job: The job.
        look: What was seen of it.
    """
    if not look.waits_for:
        return run_view(job, look.state, look.progress)
    text = f"Waits for {look.waits_for}, which another program has started, and begins by itself."
    return RunView(title=job_title(job), text=text, queued=True)


def line_text(line: Sequence["Job"]) -> str:
    """Return which jobs wait for the one that runs; empty if none does."""
    if not line:
        return ""
    names = ", ".join(job.model_id for job in line)
    return (
        f"{names} waits for it and begins by itself."
        if len(line) == 1
        else (f"{names} wait for it and begin by themselves.")
    )


def short_run(run: RunView) -> str:
    """Return how far a job is, for a button."""
    if run.queued:
        return "Training waits"
    if run.paused:
        return "Training paused"
    return f"Training, {100 * run.done // run.total} %" if run.total else "Training …"


def curve_points(progress: Sequence[JobProgress]) -> tuple[CurvePoint, ...]:
    """Return the lines of progress that carry a figure, counted through."""
    told = [line for line in progress if line.loss is not None or line.macro_f1 is not None]
    return tuple(CurvePoint(i, line.loss, line.macro_f1) for i, line in enumerate(told))
