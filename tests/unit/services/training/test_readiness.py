from pathlib import Path

import pytest

from tests.unit.services.training_workspace import LABELS, label, with_cells
from tests.unit.services.workspace_models import adapted_to
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.domain.training.training_set import learnt_as, training_set
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.training.jobs import EndJob
from wbc_desktop.services.training.readiness import Readiness, readiness, training_site
from wbc_desktop.services.training.training_snapshot import (
    TrainingSnapshot,
    freeze_labels,
    start_job,
)


def drafted(session: Session, *, kind: str = "adapt", site: str | None = None) -> TrainingSnapshot:
    """The draft of a job, as the labels are now."""
    last = None
    for step in freeze_labels(session.workspace, session.taxonomy, kind=kind, site=site):
        last = step.snapshot
    assert last is not None
    return last


def ready(session: Session, *, kind: str = "adapt", site: str | None = None) -> Readiness:
    return readiness(session.workspace, session.taxonomy, kind=kind, site=site)


@pytest.fixture
def work(tmp_path: Path) -> tuple[Session, list[int]]:
    return with_cells(tmp_path / "w", n=8, patients=3, site="here", more=12)


def test_nothing_is_ready_without_labels_nor_with_too_few(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    assert not ready(session).ready
    label(session, cells[:9])
    told = ready(session)
    assert (told.labels, told.new_labels, told.ready) == (9, 9, False)
    assert "1 more cell" in told.reason
    label(session, cells[9:10])
    assert ready(session).ready


def test_one_class_is_not_enough_and_is_named(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    session.do(Relabel(tuple(cells[:12]), "monocyte", ReviewMode.BULK))
    told = ready(session)
    assert not told.ready
    assert "Monocyte" in told.reason


def test_labels_that_teach_nothing_are_not_counted(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    session.do(Relabel(tuple(cells[:12]), "unidentified", ReviewMode.SINGLE))
    told = ready(session)
    assert (told.labels, told.ready) == (0, False)
    assert "12 cells marked unidentified" in told.reason


def test_held_out_cells_are_told_apart(work: tuple[Session, list[int]]) -> None:
    session, cells = work
    label(session, cells[:4], mode=ReviewMode.DRAW)
    label(session, cells[4:16])
    told = ready(session)
    assert (told.labels, told.holdout, told.patients) == (16, 4, 2)
    assert told.per_class == dict.fromkeys(LABELS, 3)


def test_only_cells_of_the_site_count_and_an_unknown_site_is_refused(
    work: tuple[Session, list[int]],
) -> None:
    session, cells = work
    label(session, [*cells[:10], *cells[-11:]])
    assert ready(session, site="elsewhere").labels == 11
    assert ready(session, site="here").labels == 10
    with pytest.raises(UserError, match="elsewhere, here"):
        ready(session, site="hear")


def test_a_job_makes_labels_old_for_its_kind_and_site_until_it_fails(
    work: tuple[Session, list[int]],
) -> None:
    session, cells = work
    label(session, cells[:12])
    job = start_job(session, drafted(session))
    assert (ready(session).new_labels, ready(session, kind="finetune").new_labels) == (0, 12)
    assert ready(session, site="here").new_labels == 0  # the job for all sites knows them
    session.do(Relabel((cells[0],), "basophil", ReviewMode.SINGLE))
    assert ready(session).new_labels == 1  # a correction is news
    session.record(EndJob(job=job.job_id, outcome="failed", model=job.model_id, why="disk"))
    assert ready(session).new_labels == 12


def test_a_job_for_one_site_leaves_the_labels_of_others_new(
    work: tuple[Session, list[int]],
) -> None:
    session, cells = work
    label(session, [*cells[:10], *cells[-11:]])
    start_job(session, drafted(session, site="elsewhere"))
    assert ready(session, site="elsewhere").new_labels == 0
    assert ready(session, site="here").new_labels == 10
    assert ready(session).new_labels == 21


def test_a_site_is_learnt_from_together_with_those_of_the_model_in_use(
    work: tuple[Session, list[int]],
) -> None:
    session, cells = work
    label(session, [*cells[:12], *cells[-11:]])
    assert training_site(session.workspace, site="elsewhere") == "elsewhere"
    adapted_to(session, start_job(session, drafted(session, site="here")), sites=["here"])
    assert training_site(session.workspace, site="elsewhere") is None
    assert training_site(session.workspace, site="here") == "here"
    told = ready(session)
    assert told.sites == ("elsewhere", "here")
    assert (told.labels, told.new_labels) == (23, 11)  # the model in use knows those of here
    start_job(session, drafted(session, site="elsewhere"))
    assert ready(session).new_labels == 11  # learnt apart, still to be learnt together


def test_kinds_are_named_alike_as_words_and_as_values() -> None:
    assert {*JobKind} == {"adapt", "finetune"}


@pytest.mark.parametrize("at_most", [0, 1, 7, 12, 1000])
def test_the_counts_are_those_of_the_cells_that_a_job_takes(
    work: tuple[Session, list[int]], at_most: int
) -> None:
    session, cells = work
    catalogue, taxonomy = session.workspace.catalogue, session.taxonomy
    label(session, cells[:5], mode=ReviewMode.DRAW)
    session.do(Relabel(tuple(cells[5:14]), "monocyte", ReviewMode.BULK))
    session.do(Relabel(tuple(cells[14:18]), "blast", ReviewMode.BULK))
    label(session, cells[17:30])
    session.do(Relabel(tuple(cells[2:7:4]), "unidentified", ReviewMode.SINGLE))
    for site in (None, "here", "elsewhere"):
        drawn = catalogue.training.drawn_first()
        labelled = catalogue.training.labelled_cells(site)
        taken = training_set(labelled, taxonomy, drawn=drawn, at_most=at_most)
        counts = catalogue.training.label_counts(
            {
                each.label: str(learnt_as(each.label, taxonomy))
                for each in labelled
                if each.label != "unidentified"
            },
            drawn=drawn,
            at_most=at_most,
            known_until={"": 0},
            site=site,
        )
        for held_out in (False, True):
            counted: dict[str, int] = {}
            for count in counts:
                if count.held_out == held_out:
                    counted[count.class_id] = counted.get(count.class_id, 0) + count.n
            assert counted == taken.counts(held_out=held_out)
        assert {count.site for count in counts} == {*taken.sites}
        assert len({count.patient for count in counts}) == taken.patients
        assert sum(count.n_new for count in counts) == len(taken)
