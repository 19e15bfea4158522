"""How jobs end: judged and kept as a model of the workspace, failed, or cancelled.

Every end is recorded once, whichever program sees it first. Judging takes a moment and runs in a
worker; recording is quick and belongs to the session's thread.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.domain.training.promotion_rule import outdated
from wbc_desktop.domain.training.verdict import Verdict
from wbc_desktop.services.models.candidates import check_candidate, judge_job, register_candidate
from wbc_desktop.services.models.registry import ModelEntry, active_ref
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.training.jobs import Job, state
from wbc_desktop.store.workspace import Workspace

FAILED, CANCELLED = "failed", "cancelled"


class JobFailedError(UserError):
    """A job could not do what it was asked to, and says why."""


def verdict_of(workspace: Workspace, job: Job, taxonomy: Taxonomy) -> Verdict:
    """Judge the candidate that a job has made, and open it once; in a worker.

    Args:
        workspace: The open workspace; only read.
        job: A finished one.
        taxonomy: Its leaves must be the classes of the candidate.

    Raises:
        JobFailedError: If it has failed, or what it made is damaged; the job is over then.
        UserError: If it has not ended yet, or was cancelled, or the workspace is damaged.
    """
    now = state(job)
    if now is JobState.FAILED:
        said = job.folder.result()
        raise JobFailedError(said.title or "The training failed", said.detail, said.advice)
    if now is not JobState.FINISHED:
        raise UserError(
            "The training has made no model", f"{job.job_id} is {now.value}", "Start it again."
        )
    try:
        verdict = judge_job(job.folder.path, grouped_by=job.grouped_by, elsewhere=job.elsewhere)
        check_candidate(job.folder.path, taxonomy)
    except UserError as error:
        raise JobFailedError(error.title, error.detail, error.advice) from error
    return as_of_now(workspace, job, verdict)


def as_of_now(workspace: Workspace, job: Job, verdict: Verdict) -> Verdict:
    """Return a verdict beside the model that is in use now.

    Where another one came into use since the job was prepared, its candidate is not better,
    whatever it does: nobody has compared it with that one.

    Args:
        workspace: The open workspace; only read.
        job: The job.
        verdict: On its candidate.

    Raises:
        UserError: If the workspace is damaged.
    """
    active = active_ref(workspace.reader())
    if job.champion_sha256 in ("", active.sha256):
        return verdict
    return outdated(verdict, active.model_id)


def finish(session: Session, job: Job, verdict: Verdict) -> ModelEntry:
    """Take the candidate into the workspace and record the end of its job.

    Args:
        session: Of the workspace; on its thread.
        job: A finished one.
        verdict: Of ``verdict_of``.

    Returns:
        The model, not promoted yet.

    Raises:
        UserError: If the candidate is damaged, or the disk refuses.
    """
    entry = register_candidate(session, job.folder.path, verdict, site=job.site)
    session.record(EndJob(job=job.job_id, outcome=verdict.outcome.value, model=job.model_id))
    job.folder.drop_checkpoint()  # another program may be judging the candidate as well
    return entry


def give_up(session: Session, job: Job, error: UserError | None = None) -> None:
    """Record that a job has ended without a model.

    Args:
        session: Of the workspace; on its thread.
        job: One that failed or was cancelled.
        error: Why it failed; None if a person cancelled it.
    """
    outcome = CANCELLED if error is None else FAILED
    why = "" if error is None else str(error)
    session.record(EndJob(job=job.job_id, outcome=outcome, model=job.model_id, why=why))
    job.folder.drop_work()


@dataclass(frozen=True, kw_only=True)
class EndJob:
    """Record the end of a job; nothing if it is recorded already.

    Attributes:
        job: Its id.
        outcome: better, not_better, failed or cancelled.
        model: Name of the model that it made, or was to make.
        why: Why it failed.
    """

    job: str
    outcome: str
    model: str
    why: str = ""

    def apply(self, context: Context) -> Changes:
        """Append the event."""
        for event in context.tx.catalogue.events_of(EventType.JOB_ENDED):
            if event.payload.get("job") == self.job:
                return Changes(Kind.NONE)
        text = f"{_ENDS.get(self.outcome, 'Ended')} {self.job}"
        payload: dict[str, Json] = {
            "job": self.job,
            "outcome": self.outcome,
            "model": self.model,
            "why": self.why,
            "text": text,
        }
        event = context.tx.append_event(context.reader, EventType.JOB_ENDED, payload)
        return Changes(Kind.MODELS, (), event.seq, text)


_ENDS = {FAILED: "Failed:", CANCELLED: "Cancelled", "better": "Finished", "not_better": "Finished"}
