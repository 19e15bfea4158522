"""The words of the training panel: what can be learned, how far a job is, what came of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.evaluation import Evaluation, SiteScore
from wbc_desktop.domain.training.job import JobKind, JobState, ProgressLine
from wbc_desktop.domain.training.promotion_rule import SCORED_CELLS, scored_classes
from wbc_desktop.domain.wording import capitalised, counted
from wbc_desktop.gui.training.view_models import (
    ClassChange,
    CurvePoint,
    EvaluationView,
    Metric,
    ProgressView,
    ReclassificationView,
)
from wbc_desktop.gui.widgets.status_line import remaining

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.gui.training.job_monitor import JobStatus
    from wbc_desktop.services.models.comparison import Comparison
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
_CHANGES_SHOWN = 12  # kinds of change named one by one
_MACRO = (
    "Mean of the classes' F1: 1 is every cell right, and rare classes count as much as common "
    f"ones; classes with fewer than {SCORED_CELLS} cells do not count"
)
_ECE = "How far confidence and the share of right cells are apart; less is better"


def adapt_time(labels: int) -> str:
    """Return about how long an adaption takes, in words that hold on a busy computer as well."""
    if labels <= _FEW:
        return "a few seconds"
    return "less than a minute" if labels <= _SOME else "a few minutes"


def site_text(ready: "Readiness | None", site: str | None) -> str:
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
    return f"Adapt to {site_text(ready, site)}: {labels}, {adapt_time(ready.labels)}"


def readiness_text(ready: "Readiness", site: str | None) -> str:
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
        where = f" at {site_text(ready, site)}"
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


def evaluation_basis(job: "Job") -> str:
    """Return what a verdict rests on."""
    where = f" of site {job.site}" if job.site else ""
    return (
        f"Learned from {counted(job.cells, 'labelled cell')}{where}.\n"
        f"Judged against {job.active_model}."
    )


def progress_view(job: "Job", status: "JobStatus") -> ProgressView:
    """Return how far a job is, or what it waits for."""
    if status.waits_for:
        text = (
            f"Waits for {status.waits_for}, which another program has started, and begins by "
            "itself."
        )
        return ProgressView(title=job_title(job), text=text, queued=True)
    paused, last = status.state is JobState.PAUSED, status.last
    if last is None:
        text = "Paused" if paused else "Starting"
        return ProgressView(title=job_title(job), text=text, paused=paused)
    text = _PHASES.get(last.phase, capitalised(last.phase))
    if last.steps > 1:
        text += f", step {last.step:,} of {last.steps:,}"
    text = f"Paused. {text}" if paused else f"{text}{remaining(last.eta_s)}"
    return ProgressView(
        title=job_title(job), text=text, done=last.step, total=last.steps, paused=paused
    )


def queue_text(line: Sequence["Job"]) -> str:
    """Return which jobs wait for the one that runs; empty if none does."""
    if not line:
        return ""
    names = ", ".join(job.model_id for job in line)
    return (
        f"{names} waits for it and begins by itself."
        if len(line) == 1
        else (f"{names} wait for it and begin by themselves.")
    )


def short_progress(progress: ProgressView) -> str:
    """Return how far a job is, for a button."""
    if progress.queued:
        return "Training waits"
    if progress.paused:
        return "Training paused"
    if not progress.total:
        return "Training …"
    return f"Training, {100 * progress.done // progress.total} %"


def curve_points(progress: Sequence[ProgressLine]) -> tuple[CurvePoint, ...]:
    """Return the lines of progress that carry a figure, counted through."""
    told = [line for line in progress if line.loss is not None or line.macro_f1 is not None]
    return tuple(CurvePoint(i, line.loss, line.macro_f1) for i, line in enumerate(told))


def evaluation_view(evaluation: Evaluation, taxonomy: Taxonomy) -> EvaluationView:
    """Return a verdict in words, with its measures and classes.

    Args:
        evaluation: By the rule.
        taxonomy: Names the classes; a class that it does not know is left out.
    """
    counting = scored_classes(evaluation.rows)
    return EvaluationView(
        better=evaluation.better,
        title=evaluation.headline,
        reasons=evaluation.reasons,
        metrics=(
            Metric(
                name=f"Macro-F1 here, {counted(evaluation.n, 'cell')}",
                before=f"{evaluation.macro_old:.2f}",
                after=f"{evaluation.macro_new:.2f}",
                tip=f"{_MACRO}. The difference lies between {evaluation.low:+.2f} and "
                f"{evaluation.high:+.2f}.",
            ),
            Metric(
                name="Calibration error here",
                before=f"{100 * evaluation.ece_old:.0f} %",
                after=f"{100 * evaluation.ece_new:.0f} %",
                tip=_ECE,
            ),
            *_sites(evaluation),
        ),
        classes=tuple(
            ClassChange(
                taxonomy.by_id[row.label], row.n, row.old, row.new, counts=row.label in counting
            )
            for row in evaluation.rows
            if row.label in taxonomy.by_id
        ),
    )


def unevaluated_view(model_id: str, *, shipped: bool) -> EvaluationView:
    """Say why there is no verdict on a model.

    Args:
        model_id: The model.
        shipped: It came with the program.
    """
    why = "It came with the program" if shipped else "It was not judged on cells of this workspace"
    return EvaluationView(better=True, title=model_id, reasons=(f"{why}.",), plain=True)


def comparison_view(told: "Comparison", taxonomy: Taxonomy) -> EvaluationView:
    """Return two models side by side: where they come from, and how each was judged.

    Args:
        told: The two models.
        taxonomy: Names the classes.
    """
    rows = [(fact.name, fact.a, fact.b) for fact in told.facts]
    rows += [
        (f"F1, {taxonomy.by_id[one.label].name.lower()}", _scored(one.a), _scored(one.b))
        for one in told.classes
        if one.label in taxonomy.by_id
    ]
    return EvaluationView(
        better=True,
        title=f"{told.a.model_id} and {told.b.model_id}",
        reasons=(told.caution,) if told.caution else (),
        metrics=tuple(Metric(name=name, before=a, after=b) for name, a, b in rows),
        heads=(told.a.model_id, told.b.model_id),
        plain=True,
    )


def _scored(score: tuple[int, float] | None) -> str:
    return "–" if score is None else f"{score[1]:.2f} ({counted(score[0], 'cell')})"


def score_text(evaluation: Evaluation | None) -> str:
    """Return macro-F1 before and after, for a column."""
    return (
        f"{evaluation.macro_old:.2f} → {evaluation.macro_new:.2f}" if evaluation is not None else ""
    )


def _sites(evaluation: Evaluation) -> tuple[Metric, ...]:
    """Return the sites of the workspace, if there are several, and those of training."""
    rows = list(evaluation.sites)
    here: list[SiteScore] = []
    while rows and sum(row.n for row in here) < evaluation.n:  # they stand first
        here.append(rows.pop(0))
    shown = [(row.name or "Site without a name", row) for row in here if len(here) > 1]
    shown += [(f"Training site {row.name}", row) for row in rows]
    return tuple(
        Metric(
            name=f"{name}, {counted(row.n, 'cell')}",
            before=f"{row.old:.2f}",
            after=f"{row.new:.2f}",
            tip=_MACRO,
        )
        for name, row in shown
    )


def reclassification_text(view: ReclassificationView) -> str:
    """Return which predictions changed, the most frequent changes one by one."""
    cells = counted(view.total, "cell")
    if not view.changed:
        return f"{cells} without a label classified anew by {view.model_id}; no class changed."
    changed = f"{view.changed:,} of {cells} without a label are of another class now."
    lines = [f"{changed} Labels given by people stay as they are."]
    lines += [f"{m.n:,} × {m.before} → {m.after}" for m in view.changes[:_CHANGES_SHOWN]]
    rest = sum(m.n for m in view.changes[_CHANGES_SHOWN:])
    return "\n".join([*lines, f"{rest:,} more"] if rest else lines)
