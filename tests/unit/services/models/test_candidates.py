"""Candidates: judged by what their job left, registered once, refused when damaged."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.artifacts.array_files import read_arrays, write_arrays
from model.artifacts.bundle import pack
from model.artifacts.card import read_card
from model.artifacts.layered_model import write_layer_card
from model.inference.predictor import HEAD_FILE
from model.jobs.paired_predictions import PairedPredictions
from tests.unit.domain.paired_cells import LABELS, LEAVES, SAID, probs, wrong_at
from tests.unit.model.layered import BASE, layer_facts, write_adapted
from tests.unit.services.small_workspace import TAXONOMY, new_workspace
from tests.unit.services.workspace_models import ADAPTED, model_folder, registered, verdict
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.evaluation import Outcome
from wbc_desktop.services.models.candidates import (
    check_candidate,
    evaluate_candidate,
    register_candidate,
)
from wbc_desktop.services.models.comparison import compare
from wbc_desktop.services.models.model_file import export_model, import_model
from wbc_desktop.services.models.registry import base_ref, model_entries, model_entry
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def left_by_a_job(folder: Path, *, worse: bool = False) -> Path:
    """Judged cells of a job: 60 local ones and 200 of training."""
    folder.mkdir(parents=True)
    label = [i % 4 for i in range(60)]
    old, new = wrong_at(label, range(30)), wrong_at(label, range(2))
    if worse:
        old, new = new, old
    known = [i % 4 for i in range(200)]
    PairedPredictions(
        local_id=np.arange(60),
        local_label=np.array(label),
        local_site=np.zeros(60, np.int64),
        local_group=np.arange(60) % 5,
        local_old=probs([SAID[row] for row in old]),
        local_new=probs([SAID[row] for row in new]),
        base_label=np.array(known),
        base_domain=np.zeros(200, np.int64),
        base_shipped=probs([SAID[row] for row in known]),
        base_new=probs([SAID[row] for row in known]),
        labels=LABELS,
        sites=("Ward 3",),
        domains=("Munich",),
        classes=LEAVES,
        method="holdout",
    ).save(folder / "judged.safetensors")
    return folder


def test_a_job_is_judged_by_the_file_it_left(tmp_path: Path) -> None:
    good = evaluate_candidate(left_by_a_job(tmp_path / "good"), grouped_by="patient")
    assert (good.outcome, good.n, good.provisional) == (Outcome.BETTER, 60, False)
    worse = evaluate_candidate(left_by_a_job(tmp_path / "worse", worse=True))
    assert worse.outcome is Outcome.NOT_BETTER


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_a_damaged_file_of_judged_cells_is_told(tmp_path: Path, content: bytes | None) -> None:
    job = left_by_a_job(tmp_path / "job")
    file = job / "judged.safetensors"
    file.write_bytes(file.read_bytes()[:-40] if content is None else content)
    with pytest.raises(UserError, match="cannot be judged"):
        evaluate_candidate(job)
    file.unlink()
    with pytest.raises(UserError, match="cannot be judged"):
        evaluate_candidate(job)


def test_a_candidate_is_registered_with_its_verdict_and_only_once(session: Session) -> None:
    found = registered(session)
    assert (found.model_id, found.kind, found.site, found.labels) == (ADAPTED, "adapt", "Ward 3", 3)
    assert (found.parent, found.base, found.active) == ("wbc-robust-1", "wbc-robust-1", False)
    assert found.evaluation == verdict()
    assert found.problem == ""
    job = session.workspace.folder / "jobs" / "0001-1-adapt"
    head = session.workspace.catalogue.events.head()
    assert register_candidate(session, job, verdict()) == found
    assert session.workspace.catalogue.events.head() == head
    assert [one.model_id for one in model_entries(session.workspace)] == ["wbc-robust-1", ADAPTED]
    assert verify(session.workspace, TAXONOMY).ok


def test_a_damaged_candidate_is_refused(session: Session, tmp_path: Path) -> None:
    job = tmp_path / "job"
    write_adapted(job / "candidate")
    check_candidate(job, TAXONOMY)
    (job / "candidate" / "head.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="candidate cannot be used"):
        check_candidate(job, TAXONOMY)
    with pytest.raises(UserError, match="damaged"):
        register_candidate(session, job, verdict())
    assert len(model_entries(session.workspace)) == 1
    assert not model_folder(session).exists()


def test_another_model_of_the_same_name_is_refused(session: Session, tmp_path: Path) -> None:
    registered(session)
    write_adapted(tmp_path / "job" / "candidate", model_id=ADAPTED, turn=7.0)
    with pytest.raises(UserError, match="has this name already"):
        register_candidate(session, tmp_path / "job", verdict())


def test_a_changed_card_is_found(session: Session) -> None:
    registered(session)
    card = model_folder(session) / "card.json"
    card.write_text(card.read_text().replace("Adapted to one site.", "Fit for diagnosis."))
    assert "was changed" in model_entry(session.workspace, ADAPTED).problem
    (line,) = verify(session.workspace, TAXONOMY).problems
    assert line == f"the model {ADAPTED}: its card differs from the audit log"
    shutil.rmtree(model_folder(session))  # a model not in use may be deleted to save room
    assert verify(session.workspace, TAXONOMY).ok
    assert "missing" in model_entry(session.workspace, ADAPTED).problem


@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_model_without_all_its_files_is_found_at_a_glance(session: Session, how: str) -> None:
    registered(session)
    assert not model_entry(session.workspace, ADAPTED).problem
    head = model_folder(session) / "head.safetensors"
    head.unlink() if how == "missing" else head.write_bytes(b"")
    assert model_entry(session.workspace, ADAPTED).problem == "head.safetensors is missing or empty"


def test_a_model_from_elsewhere_gets_a_name_of_its_own(session: Session, tmp_path: Path) -> None:
    registered(session, turn=2.0)
    other = new_workspace(tmp_path / "other")
    file = tmp_path / "site.wbcmodel"
    with other.workspace:
        sent = registered(other, turn=5.0)
        export_model(other.workspace, ADAPTED, file)
        with pytest.raises(UserError, match="does not travel"):
            export_model(other.workspace, base_ref().model_id, file)
    came = import_model(session, file)
    assert came.model_id == f"{ADAPTED}@{sent.sha256[:8]}"
    assert (came.sha256, came.evaluation, came.imported_from) == (
        sent.sha256,
        None,
        "site.wbcmodel",
    )
    *_, event = session.workspace.catalogue.events.all()
    assert event.type is EventType.MODEL_IMPORTED
    assert verify(session.workspace, TAXONOMY).ok
    with pytest.raises(UserError, match="this model already"):
        import_model(session, file)
    side = compare(session.workspace, ADAPTED, came.model_id)
    assert "was not judged" in side.caution
    assert {fact.name for fact in side.facts if fact.differs} >= {"Verdict", "sha256"}
    assert [(row.label, row.a, row.b) for row in side.classes] == [("monocyte", (12, 0.75), None)]
    beaten = compare(session.workspace, base_ref().model_id, ADAPTED)
    assert beaten.caution == ""  # the verdict has scored both on the same cells
    assert [(row.label, row.a, row.b) for row in beaten.classes] == [
        ("monocyte", (12, 0.25), (12, 0.75))
    ]


def test_a_broken_model_from_elsewhere_is_not_blamed_on_this_program(
    session: Session, tmp_path: Path
) -> None:
    folder, file = write_adapted(tmp_path / "broken"), tmp_path / "broken.wbcmodel"
    arrays, notes = read_arrays(folder / HEAD_FILE)
    write_arrays(
        folder / HEAD_FILE, {name: array[:3] for name, array in arrays.items()}, notes=notes
    )
    write_layer_card(folder, [HEAD_FILE], base_card=read_card(BASE), facts=layer_facts(ADAPTED))
    pack(folder, file, base=BASE)
    with pytest.raises(UserError, match="holds no model that can be used") as refused:
        import_model(session, file)
    assert "Ask for the file again" in refused.value.advice
    assert not [*(session.workspace.folder / "models").iterdir()]


def test_a_file_that_is_no_model_is_refused_and_leaves_nothing(
    session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "x.wbcmodel"
    for content in (None, b"PK\x03\x04", b"text"):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(UserError, match="holds no model that can be used"):
            import_model(session, file)
    assert not [*(session.workspace.folder / "models").iterdir()]
