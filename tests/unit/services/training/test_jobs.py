"""Jobs as real processes: started, paused, killed, resumed, cancelled."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.jobs.job_files import CANDIDATE_FOLDER, CELLS_FILE, PROGRESS_FILE, SPEC_FILE
from tests.architecture.source_tree import ROOT
from tests.unit.services.small_workspace import TAXONOMY
from tests.unit.services.training.test_readiness import drafted
from tests.unit.services.training_workspace import LABELS, label, with_cells
from tests.unit.services.workspace_models import registered
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.services.models.promotion import RollBack, promote
from wbc_desktop.services.models.registry import base_folder, model_entries
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.services.training import job_process, jobs
from wbc_desktop.services.training.jobs import Job, JobRunningError
from wbc_desktop.services.training.training_snapshot import start_job
from wbc_desktop.store.workspace import Workspace

PATIENCE_S = 240.0


def wait_until(happened: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until, what
        time.sleep(0.02)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session, cells = with_cells(tmp_path / "w", n=12, patients=3)
    label(session, cells)
    yield session
    for job in jobs.unfinished(session.workspace):
        if job.folder.state().alive:
            jobs.cancel(job)
    session.workspace.close()


@pytest.fixture
def job(session: Session) -> Job:
    return start_job(session, drafted(session))


@pytest.fixture(scope="module")
def finished_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose one job has run to its end and is not recorded yet."""
    folder = tmp_path_factory.mktemp("finished") / "w"
    session, cells = with_cells(folder, n=12, patients=3)
    label(session, cells)
    assert (
        jobs.launch(session.workspace, start_job(session, drafted(session))).wait(PATIENCE_S) == 0
    )
    session.workspace.close()
    return folder


@pytest.fixture
def finished(finished_workspace: Path, tmp_path: Path) -> Iterator[Session]:
    """A session on a copy of ``finished_workspace``."""
    folder = shutil.copytree(finished_workspace, tmp_path / "finished")
    with Workspace.open(folder) as workspace:
        yield Session(workspace, reader="Tester", taxonomy=TAXONOMY)


def labels_of(session: Session) -> dict[int, str]:
    reviews = session.workspace.catalogue.reviews.reviews_for()
    return {cell: review.label for cell, review in reviews.items()}


def launched_and_paused(session: Session, job: Job) -> job_process.JobProcess:
    """A process that is at work and waits, so that a test may take its time."""
    running = jobs.launch(session.workspace, job)
    jobs.pause(job)
    assert running.poll() is None
    return running


@pytest.mark.slow
def test_a_job_runs_to_a_judged_model_and_is_recorded_once(session: Session, job: Job) -> None:
    before = labels_of(session)
    running = jobs.launch(session.workspace, job)
    assert running.wait(PATIENCE_S) == 0
    assert job.folder.state() is JobState.FINISHED
    assert [line.phase for line in job.folder.progress()]
    verdict = jobs.evaluate_job(session.workspace, job, session.taxonomy)
    entry = jobs.finish_job(session, job, verdict)
    assert jobs.finish_job(session, job, verdict) == entry  # the window saw the end, too
    assert entry.model_id == job.model_id
    assert not entry.active
    assert [*session.workspace.catalogue.events.of_type(EventType.JOB_ENDED)][1:] == []
    assert jobs.unfinished(session.workspace) == ()
    assert labels_of(session) == before
    assert verify(session.workspace, session.taxonomy).ok
    session.do(Relabel(tuple(range(1, 13)), "basophil", ReviewMode.SINGLE))
    drafted(session).discard()
    assert not (job.folder.path / CANDIDATE_FOLDER).exists()  # it is in models


@pytest.mark.slow
def test_a_job_is_never_better_than_a_model_that_it_was_not_compared_with(
    finished: Session,
) -> None:
    session, (job,) = finished, jobs.unfinished(finished.workspace)
    other = registered(session, model_id="wbc-robust-1+adapt-9")
    promote(session, other.model_id, "a test")
    verdict = jobs.evaluate_job(session.workspace, job, session.taxonomy)
    assert not verdict.better
    assert "has changed since: it is wbc-robust-1+adapt-9 now" in verdict.reasons[0]
    session.record(RollBack())
    verdict = jobs.evaluate_job(session.workspace, job, session.taxonomy)
    assert not any("has changed since" in reason for reason in verdict.reasons)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_job_that_was_killed_goes_on_and_ends_the_same(session: Session, job: Job) -> None:
    running = launched_and_paused(session, job)
    os.kill(running.process.pid, signal.SIGKILL)
    assert running.wait(PATIENCE_S) == -signal.SIGKILL
    assert job.folder.state() is JobState.UNFINISHED
    assert isinstance(jobs.interruption_error(running), UserError)
    (found,) = jobs.unfinished(session.workspace)
    again = jobs.resume(session.workspace, found)
    assert again is not None
    assert again.wait(PATIENCE_S) == 0
    assert jobs.evaluate_job(session.workspace, job, session.taxonomy).n


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_job_outlives_the_program_that_started_it(session: Session, job: Job) -> None:
    """The parent is killed; another one sees the job at work, and can cancel it."""
    code = f"""
import sys, time
from pathlib import Path
from wbc_desktop.services.training import job_process
from wbc_desktop.services.models.registry import base_folder
from wbc_desktop.services.training.job_folder import JobFolder
folder = JobFolder(Path({str(job.folder.path)!r}))
folder.set_flag("pause", there=True)
job_process.start_process(folder, base=base_folder(), active=base_folder())
while not folder.running():
    time.sleep(0.02)
print("at work", flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"at work\n"
        parent.kill()
    assert job.folder.state() is JobState.PAUSED
    child = job.folder.process()
    assert child is not None
    jobs.cancel(job)
    assert job.folder.state() is JobState.CANCELLED
    jobs.abandon_job(session, job)
    assert jobs.unfinished(session.workspace) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="priorities of POSIX")
def test_a_job_runs_with_lower_priority_no_input_and_its_own_session(
    session: Session, job: Job
) -> None:
    running = launched_and_paused(session, job)
    number = running.process.pid
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, number) == min(own + 10, 19)
    assert os.getsid(number) == number
    if Path("/proc/self/fd/0").exists():
        assert Path(f"/proc/{number}/fd/0").readlink() == Path("/dev/null")
    jobs.cancel(job)
    assert running.wait(PATIENCE_S) is not None  # no zombie is left


def test_one_job_at_a_time_the_next_one_waits(session: Session, job: Job) -> None:
    session.do(Relabel(tuple(range(1, 13)), "basophil", ReviewMode.SINGLE))
    second = start_job(session, drafted(session))
    assert jobs.waiting(session.workspace) == (job, second)
    running = launched_and_paused(session, job)
    assert jobs.waiting(session.workspace) == (second,)
    with pytest.raises(JobRunningError, match=job.job_id):
        jobs.launch(session.workspace, second)
    with pytest.raises(JobRunningError):
        jobs.launch(session.workspace, job)
    jobs.cancel(job)
    assert running.wait(PATIENCE_S) is not None
    assert jobs.waiting(session.workspace) == (second,)


def test_a_cancelled_job_ends_without_a_model_and_its_labels_are_new_again(
    session: Session, job: Job
) -> None:
    before = labels_of(session)
    running = launched_and_paused(session, job)
    jobs.cancel(job)
    assert running.wait(PATIENCE_S) is not None
    jobs.abandon_job(session, job)
    (event,) = session.workspace.catalogue.events.of_type(EventType.JOB_ENDED)
    assert event.payload["outcome"] == "cancelled"
    assert len(model_entries(session.workspace)) == 1
    assert labels_of(session) == before
    with pytest.raises(UserError, match="The job has ended"):
        jobs.launch(session.workspace, job)
    assert drafted(session).cells.labels.count(LABELS[0]) == 9


def test_a_job_that_is_paused_goes_on(session: Session, job: Job) -> None:
    running = launched_and_paused(session, job)
    assert job.folder.state() is JobState.PAUSED
    assert jobs.resume(session.workspace, job) is None  # its process is there
    assert job.folder.state() is not JobState.PAUSED
    jobs.cancel(job)
    assert running.wait(PATIENCE_S) is not None


@pytest.mark.parametrize("name", [CELLS_FILE, SPEC_FILE])
def test_damaged_files_are_refused_in_plain_words(session: Session, job: Job, name: str) -> None:
    before = labels_of(session)
    path = job.folder.path / name
    path.write_bytes(path.read_bytes()[:-40])
    running = jobs.launch(session.workspace, job)
    assert running.wait(PATIENCE_S) == 1
    (found,) = jobs.unfinished(session.workspace)
    if name == SPEC_FILE:  # there is nothing the job could write its refusal for
        error: UserError = jobs.interruption_error(running)
        assert isinstance(error, jobs.JobCrashedError)
    else:
        assert found.folder.state() is JobState.FAILED
        with pytest.raises(jobs.JobFailedError, match=r"cells\.safetensors") as told:
            jobs.evaluate_job(session.workspace, found, session.taxonomy)
        error = told.value
    jobs.abandon_job(session, found, error)
    assert jobs.unfinished(session.workspace) == ()
    assert labels_of(session) == before
    assert verify(session.workspace, session.taxonomy).ok


def test_a_job_that_the_disk_refused_is_not_given_up_and_goes_on(
    session: Session, job: Job
) -> None:
    (job.folder.path / PROGRESS_FILE).mkdir()
    running = jobs.launch(session.workspace, job)
    assert running.wait(PATIENCE_S) is not None
    error = jobs.interruption_error(running)
    assert not isinstance(error, jobs.JobCrashedError)
    assert PROGRESS_FILE in error.detail
    assert job.folder.state() is JobState.UNFINISHED


@pytest.mark.slow
@pytest.mark.parametrize("name", ["judged.safetensors", "candidate/head.safetensors"])
def test_a_damaged_candidate_is_refused_and_never_becomes_a_model(
    finished: Session, name: str
) -> None:
    session, (job,) = finished, jobs.unfinished(finished.workspace)
    path = job.folder.path / name
    spoilt = bytearray(path.read_bytes())
    spoilt[len(spoilt) // 2 :] = b"\x00" * (len(spoilt) - len(spoilt) // 2 - 8)
    path.write_bytes(spoilt)
    with pytest.raises(jobs.JobFailedError, match="Start the training again"):
        jobs.evaluate_job(session.workspace, job, session.taxonomy)
    assert len(model_entries(session.workspace)) == 1


def test_a_job_whose_program_cannot_be_started_says_so(
    session: Session, job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(UserError, match="The training cannot be started"):
        jobs.launch(session.workspace, job)
    assert job.folder.state() is JobState.WAITING


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, base = Path("jobs/0001-adapt"), base_folder()
    line = job_process.command_line(folder, base=base, active=base)
    assert line[:4] == [sys.executable, "-m", "model", "job"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    frozen = job_process.command_line(folder, base=base, active=base)
    assert frozen == [sys.executable, "--job", *line[4:]]
    assert job_process.is_job_process(frozen[1:])
