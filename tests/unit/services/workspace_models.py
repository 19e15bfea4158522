"""Models of a workspace for tests: layered over the shipped one, made at once, without training."""

from pathlib import Path
from typing import Any

from tests.unit.model.layered import write_adapted
from tests.unit.services.small_workspace import TAXONOMY
from wbc_desktop.domain.training.evaluation import ClassScore, Evaluation, Outcome, SiteScore
from wbc_desktop.services.inference.classify import classify
from wbc_desktop.services.inference.reclassify import ReclassificationReport, reclassify
from wbc_desktop.services.models.candidates import register_candidate
from wbc_desktop.services.models.promotion import promote
from wbc_desktop.services.models.registry import ModelEntry, open_active
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.services.training.jobs import EndJob, Job

ADAPTED = "wbc-robust-1+adapt-1"


def verdict(outcome: Outcome = Outcome.BETTER) -> Evaluation:
    """A verdict with every part filled in."""
    return Evaluation(
        outcome=outcome,
        provisional=True,
        reasons=("On 40 cells it is right more often.", "This is provisional."),
        rows=(ClassScore("monocyte", 12, 0.25, 0.75),),
        sites=(SiteScore("Ward 3", 40, 0.5, 0.625),),
        n=40,
        macro_old=0.5,
        macro_new=0.625,
        low=0.0625,
        high=0.1875,
        forgetting=-0.0625,
        ece_old=0.125,
        ece_new=0.0625,
    )


def registered(
    session: Session,
    *,
    model_id: str = ADAPTED,
    turn: float = 40.0,
    outcome: Outcome = Outcome.BETTER,
    **more: Any,
) -> ModelEntry:
    """A candidate in the workspace; with this turn it calls every cell a segmented neutrophil.

    Its card tells more, too.
    """
    job = session.workspace.folder / "jobs" / f"0001-{model_id[-1]}-adapt"
    write_adapted(job / "candidate", model_id=model_id, turn=turn, **more)
    return register_candidate(session, job, verdict(outcome), site="Ward 3")


def classified(session: Session) -> None:
    """Classify what the active model has not seen."""
    predictor = open_active(session.workspace, TAXONOMY)
    cells = session.workspace.catalogue.predictions.to_classify(predictor.model_sha256)
    for step in classify(session.workspace, predictor, cells):
        session.record(StorePredictions(step.batch))


def reclassified(session: Session) -> ReclassificationReport:
    """Classify again after another model became active, and return the report."""
    *steps, report = reclassify(
        session.workspace, open_active(session.workspace, TAXONOMY), TAXONOMY
    )
    for step in steps:
        assert not isinstance(step, ReclassificationReport)
        if step.batch.cell_ids:
            session.record(StorePredictions(step.batch))
    assert isinstance(report, ReclassificationReport)
    return report


def adapted_to(session: Session, job: Job, *, sites: list[str]) -> None:
    """Let a job that did not run have made the model in use, of the labels of some sites."""
    trained_on = {"data_sha256": job.data_sha256, "cells": job.cells, "sites": sites}
    write_adapted(job.folder.path / "candidate", model_id=job.model_id, trained_on=trained_on)
    register_candidate(session, job.folder.path, verdict())
    session.record(EndJob(job=job.job_id, outcome="better", model=job.model_id))
    promote(session, job.model_id)


def model_folder(session: Session, model_id: str = ADAPTED) -> Path:
    """Where a model lies in the workspace."""
    return session.workspace.folder / "models" / model_id
