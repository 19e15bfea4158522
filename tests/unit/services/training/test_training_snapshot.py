import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.array_files import read_arrays
from model.artifacts.card import sha256_of
from model.jobs.job_cells import JobCells
from model.jobs.job_files import CELLS_FILE, SPEC_FILE
from tests.unit.services.small_workspace import new_workspace
from tests.unit.services.training.test_readiness import drafted
from tests.unit.services.training_workspace import LABELS, label, with_cells
from tests.unit.services.workspace_models import adapted_to, registered
from wbc_desktop.domain.audit.changes import Changes
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.job import JobState
from wbc_desktop.services.models.model_file import export_model, import_model
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.services.training import job_folder as files
from wbc_desktop.services.training import jobs
from wbc_desktop.services.training.training_snapshot import (
    freeze_labels,
    left_out_text,
    next_job_number,
    start_job,
)


@pytest.fixture
def work(tmp_path: Path) -> tuple[Session, list[int]]:
    session, cells = with_cells(tmp_path / "w", n=8, patients=3, site="here")
    label(session, cells[:4], mode=ReviewMode.DRAW)
    label(session, cells[4:])
    return session, cells


def test_the_model_library_reads_what_a_draft_writes(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    session.do(Relabel((cells[5],), "unidentified", ReviewMode.SINGLE))
    made = drafted(session)
    job = start_job(session, made)
    read = JobCells.read(job.folder.path / CELLS_FILE)
    assert read.cell_id.tolist() == [cell for cell in cells if cell != cells[5]]
    assert read.label_names == tuple(LABELS[(i - 1) % 4] for i in read.cell_id.tolist())
    assert read.holdout.tolist() == [cell in cells[:4] for cell in read.cell_id.tolist()]
    assert read.sites == ("here",)
    assert not read.seen.any()
    assert read.sha256 == made.data_sha256 == job.data_sha256
    assert left_out_text(made) == "Left out: 1 cell marked unidentified."


def test_no_path_and_no_code_of_a_patient_leaves_with_a_job(
    work: tuple[Session, list[int]],
) -> None:
    session, _ = work
    job = start_job(session, drafted(session))
    whole = b"".join(path.read_bytes() for path in job.folder.path.iterdir())
    assert b"P-0" not in whole
    assert str(session.workspace.folder).encode() not in whole
    assert b"slide 1" not in whole


def test_a_fine_tuning_gets_the_pictures_too(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    job = start_job(session, drafted(session, kind="finetune"))
    crops = JobCells.read(job.folder.path / CELLS_FILE).crops
    assert crops is not None
    assert crops.shape == (len(cells), 128, 128, 3)
    assert job.model_id.endswith("+finetune-1")


def test_the_start_is_recorded_and_the_workspace_verifies(work: tuple[Session, list[int]]) -> None:
    session, _ = work
    head, _ = session.workspace.catalogue.events.head()
    job = start_job(session, drafted(session))
    (event,) = session.workspace.catalogue.events.of_type(EventType.JOB_STARTED)
    assert (event.payload["job"], event.payload["event"]) == ("0001-adapt", head)
    assert event.payload["data_sha256"] == sha256_of(job.folder.path / CELLS_FILE)
    assert job.folder.state() is JobState.WAITING
    assert [one.job_id for one in jobs.unfinished(session.workspace)] == ["0001-adapt"]
    assert verify(session.workspace, session.taxonomy).ok
    assert session.undo_text != "Started 0001-adapt"


def test_a_number_is_never_used_twice_even_where_the_folder_was_deleted(
    work: tuple[Session, list[int]],
) -> None:
    session, cells = work
    first = start_job(session, drafted(session))
    shutil.rmtree(first.folder.path)
    for cell in cells[4:16]:
        session.do(Relabel((cell,), "basophil", ReviewMode.SINGLE))
    assert start_job(session, drafted(session)).job_id == "0002-adapt"
    assert [job.job_id for job in jobs.unfinished(session.workspace)] == ["0002-adapt"]


def test_neither_a_job_nor_an_import_takes_the_name_of_the_other(
    work: tuple[Session, list[int]], tmp_path: Path
) -> None:
    session, _ = work
    waiting = start_job(session, drafted(session))
    sent = []
    for number, turn in ((1, 2.0), (7, 3.0)):
        other = new_workspace(tmp_path / f"other-{number}")
        with other.workspace:
            name = f"wbc-robust-1+adapt-{number}"
            registered(other, model_id=name, turn=turn)
            export_model(other.workspace, name, tmp_path / f"{number}.wbcmodel")
        sent.append(import_model(session, tmp_path / f"{number}.wbcmodel").model_id)
    assert waiting.model_id == "wbc-robust-1+adapt-1"
    assert sent[0].startswith("wbc-robust-1+adapt-1@")
    assert sent[1] == "wbc-robust-1+adapt-7"
    assert next_job_number(session.workspace.catalogue, session.workspace.folder) == 8


def test_same_labels_same_bytes(work: tuple[Session, list[int]]) -> None:
    session, _ = work
    one, other = drafted(session), drafted(session)
    assert one.data_sha256 == other.data_sha256
    assert one.folder != other.folder


def test_a_draft_that_is_given_up_leaves_nothing(work: tuple[Session, list[int]]) -> None:
    session, _ = work
    drafted(session).discard()
    shutil.rmtree(session.workspace.folder / "embeddings")
    steps = freeze_labels(session.workspace, session.taxonomy, kind="adapt")
    assert next(steps).snapshot is None
    steps.close()
    assert not [*(session.workspace.folder / files.FOLDER).glob("*")]


def test_a_start_that_fails_leaves_neither_event_nor_folder(
    work: tuple[Session, list[int]],
) -> None:
    session, _ = work
    made = drafted(session)
    jobs_folder = made.folder.parent
    shutil.rmtree(made.folder)
    with pytest.raises(UserError, match="job cannot be written"):
        start_job(session, made)
    assert not [*session.workspace.catalogue.events.of_type(EventType.JOB_STARTED)]
    assert not [*jobs_folder.glob("0*")]


def test_a_recorded_job_keeps_its_folder_though_a_listener_fails(
    work: tuple[Session, list[int]],
) -> None:
    session, _ = work
    made = drafted(session)

    def fail(_changes: Changes) -> None:
        raise RuntimeError("a view cannot show it")

    session.subscribe(fail)
    with pytest.raises(RuntimeError, match="cannot show"):
        start_job(session, made)
    (job,) = jobs.unfinished(session.workspace)
    assert job.folder.state() is JobState.WAITING
    assert JobCells.read(job.folder.path / CELLS_FILE).sha256 == made.data_sha256


def test_a_full_disk_is_refused_before_anything_is_written(
    work: tuple[Session, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = work
    usage = shutil.disk_usage(session.workspace.folder)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(UserError, match="1 MB are free"):
        drafted(session)
    assert not (session.workspace.folder / files.FOLDER).is_dir() or not [
        *(session.workspace.folder / files.FOLDER).glob("*")
    ]


def test_too_few_labels_are_refused_in_the_words_of_readiness(tmp_path: Path) -> None:
    session, cells = with_cells(tmp_path / "few", n=4, patients=1)
    label(session, cells)
    with pytest.raises(UserError, match="6 more cells"):
        drafted(session)


def test_missing_embeddings_are_computed_first_and_kept(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    shutil.rmtree(session.workspace.folder / "embeddings")
    what = [step.what for step in freeze_labels(session.workspace, session.taxonomy, kind="adapt")]
    assert what[0] == "Looking at the cells"
    arrays, _ = read_arrays(drafted(session).folder / CELLS_FILE)
    assert arrays["embedding"].shape == (len(cells), 1280)
    assert np.isfinite(arrays["embedding"]).all()


def test_what_a_job_is_stands_in_its_folder(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    job = start_job(session, drafted(session, site="here"))
    document = json.loads((job.folder.path / SPEC_FILE).read_text(encoding="utf-8"))
    assert (document["site"], document["grouped_by"]) == ("here", "patient")
    assert (document["cells"], document["holdout"]) == (len(cells), 4)
    assert document["champion"] == document["base"]


def test_a_job_for_one_site_knows_what_the_champion_has_learnt_elsewhere(tmp_path: Path) -> None:
    session, cells = with_cells(tmp_path / "w", n=8, patients=3, site="here", more=16)
    label(session, cells[:24])
    first = start_job(session, drafted(session, site="here"))
    assert first.elsewhere == ()
    adapted_to(session, first, sites=["here", "gone"])
    label(session, cells[24:])
    assert start_job(session, drafted(session, site="elsewhere")).elsewhere == ("here",)
    together = drafted(session)
    assert together.elsewhere == ()
    together.discard()
