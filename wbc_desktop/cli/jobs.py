"""What the verbs do: each opens what it needs, drives the services and tells the outcome.

Loaded when a verb runs, because the services bring the database and the model with them. The steps
that verbs share (import, classify) stand in ``steps``.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import typer

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.cli import steps
from wbc_desktop.cli.import_step import import_cells, opened_for_import, plan_import
from wbc_desktop.cli.output import USER_ERROR, JsonValue, Output
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.embeddings.embedding_fill import fill, fill_text
from wbc_desktop.services.embeddings.workspace_embeddings import WorkspaceEmbeddings
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.export.output_files import check_output_file
from wbc_desktop.services.export.report import make_report
from wbc_desktop.services.importing.label_import import ApplyLabels, plan_labels
from wbc_desktop.services.importing.options import ImportOptions
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.models.registry import active_ref, base_ref, open_active
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace, is_new


def run_import(
    paths: Sequence[Path],
    workspace: Path,
    *,
    options: ImportOptions,
    reviewer: str,
    dry_run: bool,
    output: Output,
) -> None:
    """Import, or say what would be imported."""
    if dry_run and is_new(workspace):
        plan = plan_import(paths, options=options, workspace=None, output=output)
        plan.tell(output)
        output.result(plan.as_json())
        return
    with opened_for_import(paths, workspace, options=options, reviewer=reviewer, output=output) as (
        session,
        plan,
    ):
        plan.tell(output)
        if dry_run:
            output.result(plan.as_json())
            return
        imported = import_cells(plan, session, output=output)
    output.say(imported.text())
    output.result({**plan.as_json(), **imported.as_json()})


def run_classify(workspace: Path, *, again: bool, reviewer: str, output: Output) -> None:
    """Classify the cells of a workspace."""
    with steps.opened(workspace, reviewer=reviewer, output=output) as session:
        predictor = open_active(session.workspace, session.taxonomy)
        outcome = steps.classify_cells(session, predictor, output=output, again=again)
    output.say(outcome.text())
    output.result(outcome.as_json())


def run_embed(workspace: Path, output: Output) -> None:
    """Compute the embeddings that are missing; damaged files are told and made anew."""
    with Workspace.open(workspace) as opened:
        steps.tell_swept(opened, output)
        embeddings = WorkspaceEmbeddings(opened)
        cells = opened.catalogue.index.load(taxonomy_v1()).cell_id
        missing = embeddings.missing(cells)
        damaged = embeddings.damaged
        for line in damaged:
            output.say(line)
        started, computed, unreadable = time.perf_counter(), 0, 0
        if len(missing):
            predictor = open_active(opened, taxonomy_v1())
            with (
                output.progress("Computing embeddings") as advance,
                closing(fill(opened, predictor, embeddings, missing)) as filling,
            ):
                for step in filling:
                    computed, unreadable = step.done - step.unreadable, step.unreadable
                    advance(step.done, step.total)
        seconds = time.perf_counter() - started
    told = fill_text(computed, seconds, unreadable)
    output.say(told if len(missing) else "Every cell has its embedding already.")
    output.result(
        {
            "cells": len(cells),
            "computed": computed,
            "unreadable": unreadable,
            "damaged": list(damaged),
            "seconds": round(seconds, 3),
        }
    )


def run_label(workspace: Path, csv: Path, *, reviewer: str, output: Output) -> None:
    """Apply a CSV of labels."""
    with steps.opened(workspace, reviewer=reviewer, output=output) as session:
        plan = plan_labels(csv, session.workspace.catalogue, session.taxonomy)
        if plan.labels or plan.notes:
            session.record(ApplyLabels(plan))
    output.say(
        f"Labelled {counted(len(plan.labels), 'cell')} and wrote "
        f"{counted(len(plan.notes), 'comment')}; "
        f"{counted(plan.unchanged, 'line')} said nothing new."
    )
    if plan.from_model:
        lines = counted(plan.from_model, "line")
        output.say(f"{lines} with a label of the model left alone: it is no person's.")
    output.result(
        {
            "labelled": len(plan.labels),
            "commented": len(plan.notes),
            "unchanged": plan.unchanged,
            "from_model": plan.from_model,
        }
    )


def run_export(
    workspace: Path, csv: Path, *, what: ExportKind, reviewer: str, output: Output
) -> None:
    """Export a workspace."""
    with steps.opened(workspace, reviewer=reviewer, output=output) as session:
        exported = export(session, csv, what=what)
    steps.tell_export(exported, output)
    output.result(steps.export_json(exported))


def run_report(workspace: Path, html: Path, *, reviewer: str, output: Output) -> None:
    """Write the report of a workspace."""
    check_output_file(html)
    with steps.opened(workspace, reviewer=reviewer, output=output) as session:
        record = make_report(session.workspace, html, taxonomy=session.taxonomy)
        session.record(record)
    output.say(f"Wrote the report of {counted(record.rows, 'cell')} to {html}")
    output.result({"report": str(html), "cells": record.rows, "sha256": record.sha256})


def run_all(
    folder: Path,
    csv: Path,
    *,
    workspace: Path | None,
    options: ImportOptions,
    reviewer: str,
    output: Output,
) -> None:
    """Import, classify and export."""
    check_output_file(csv)  # before the work, not after it
    if csv.exists() and folder.exists() and csv.samefile(folder):
        raise UserError("OUT would replace what is imported", str(csv), "Name another file.")
    with (
        _kept_or_temporary(workspace) as place,
        opened_for_import([folder], place, options=options, reviewer=reviewer, output=output) as (
            session,
            plan,
        ),
    ):
        predictor = open_active(session.workspace, session.taxonomy)  # before the work, too
        plan.tell(output)
        imported = import_cells(plan, session, output=output)
        output.say(imported.text())
        patients = plan.patients(session.workspace.catalogue)
        classified = steps.classify_cells(
            session, predictor, output=output, patients=[patient.id for patient in patients]
        )
        output.say(classified.text())
        codes = frozenset(patient.code for patient in patients)
        exported = export(session, csv, patients=codes)
    steps.tell_export(exported, output)
    output.result(
        {
            "import": {**plan.as_json(), **imported.as_json()},
            "classify": classified.as_json(),
            "export": steps.export_json(exported),
        }
    )


def run_verify(workspace: Path, *, pinned: str | None, output: Output) -> None:
    """Check the audit log of a workspace."""
    with Workspace.open(workspace) as opened:
        steps.tell_swept(opened, output)
        report = verify(opened, taxonomy_v1(), pinned=pinned)
    output.result(
        {
            "ok": report.ok,
            "events": report.n_events,
            "head_hash": report.head_hash,
            "problems": list(report.problems),
        }
    )
    if not report.ok:
        for problem in report.problems[1:]:
            output.say(problem)
        output.complain(
            f"The workspace does not agree with its audit log: {report.problems[0]}"
            + (f" (and {len(report.problems) - 1:,} more)" if len(report.problems) > 1 else "")
        )
        raise typer.Exit(USER_ERROR)
    output.say(f"Every label agrees with the audit log of {report.n_events:,} events.")
    output.say(f"Head hash {report.head_hash}")


def run_info(workspace: Path | None, output: Output) -> None:
    """Say what runs here and what a workspace holds."""
    with nullcontext() if workspace is None else Workspace.open(workspace) as opened:
        facts = None
        if opened is not None:
            steps.tell_swept(opened, output)
            facts = steps.workspace_facts(opened)
        model = _model_facts(opened)
    output.say(f"WBC Desktop {__version__}. {RESEARCH_USE_ONLY}")
    output.say(f"Model {model['model_id']} on {model['engine'] or 'no engine'}")
    output.say(f"      sha256 {model['model_sha256']}")
    if "model_problem" in model:
        output.say(str(model["model_problem"]))
    document: dict[str, JsonValue] = {
        "version": __version__,
        **model,
        "taxonomy": taxonomy_v1().version,
        "notice": RESEARCH_USE_ONLY,
    }
    if facts is not None:
        document["workspace"] = facts
        for name, value in facts.items():
            output.say(f"{name.replace('_', ' ').capitalize():<12} {_in_words(value)}")
    output.result(document)


def _model_facts(workspace: Workspace | None) -> dict[str, JsonValue]:
    """Return the model in use in a workspace, or the shipped one, and what is wrong with it."""
    problem = {}
    if workspace is None:
        predictor = open_predictor(taxonomy_v1())
        ref, engine = base_ref(), predictor.engine_name
    else:
        ref, engine = active_ref(workspace.catalogue), ""
        try:
            engine = open_active(workspace, taxonomy_v1()).engine_name
        except UserError as error:
            problem = {"model_problem": str(error)}
    return {
        "model_id": ref.model_id,
        "model_sha256": ref.sha256,
        "engine": engine or None,
        **problem,
    }


def _in_words(value: JsonValue) -> str:
    if isinstance(value, list):
        alarms = sum(isinstance(one, dict) and one["alarm"] is True for one in value)
        return f"{alarms:,} of {counted(len(value), 'slide')} with an alarm"
    if isinstance(value, dict):
        return ", ".join(f"{n:,} by {name}" for name, n in value.items()) or "none"
    return str(value)


@contextmanager
def _kept_or_temporary(workspace: Path | None) -> Iterator[Path]:
    """Yield the workspace named, or one that is gone afterwards."""
    if workspace is not None:
        yield workspace
        return
    with tempfile.TemporaryDirectory(prefix="wbc-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "workspace"
