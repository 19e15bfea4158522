"""The work of ``wbc models``; see ``model_verbs`` for how it is called."""

import time
from contextlib import closing
from pathlib import Path

from rich.table import Table

from model.inference.predictor import Predictor
from wbc_desktop.cli.output import JsonValue, Output
from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.domain.training.model_log import WrittenReason
from wbc_desktop.services.inference.reclassify import ReclassificationReport, classify_workspace
from wbc_desktop.services.models.comparison import NOTHING, compare
from wbc_desktop.services.models.model_file import export_model, import_model
from wbc_desktop.services.models.promotion import RollBack, promote
from wbc_desktop.services.models.registry import (
    ModelEntry,
    active_ref,
    model_entries,
    model_entry,
    open_active,
    open_model,
)
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace


def run_list(workspace: Workspace, output: Output) -> None:
    """List the models, the one in use marked."""
    known = model_entries(workspace)
    table = _table("", "Model", "Made", "Labels", "Macro-F1", "Evaluation")
    for one in known:
        said = one.evaluation
        table.add_row(
            "●" if one.active else "",
            one.model_id,
            one.made_at[:10] or NOTHING,
            f"{one.labels:,}" if one.labels else NOTHING,
            NOTHING if said is None else f"{said.macro_old:.3f} → {said.macro_new:.3f}",
            _in_a_word(one),
        )
    output.show(table)
    for one in known:
        if one.problem:
            output.say(f"{one.model_id}: {one.problem}")
    active = active_ref(workspace.catalogue).model_id
    if not any(one.active for one in known):
        output.complain(
            f"The workspace says that {active} is in use, and its audit log knows no such model. "
            "Run `wbc verify` on it, and restore workspace.wbc from a backup."
        )
    output.result({"active": active, "models": [_entry_json(one) for one in known]})


def run_compare(session: Session, a: str, b: str, *, output: Output) -> None:
    """Show two models side by side."""
    found = compare(session.workspace, a, b)
    table = _table("", a, b)
    for fact in found.facts:
        table.add_row(fact.name, fact.a, fact.b)
    names = session.taxonomy.by_id
    for row in found.classes:
        named = names[row.label].name if row.label in names else row.label
        table.add_row(f"F1 of {named.lower()}", _score(row.a), _score(row.b))
    output.show(table)
    if found.caution:
        output.say(found.caution)
    output.result(
        {
            "a": _entry_json(found.a),
            "b": _entry_json(found.b),
            "facts": [{"fact": fact.name, "a": fact.a, "b": fact.b} for fact in found.facts],
            "classes": [
                {"class": row.label, "a": _score_json(row.a), "b": _score_json(row.b)}
                for row in found.classes
            ],
            "caution": found.caution,
        }
    )


def run_promote(session: Session, model_id: str, *, reason: str, output: Output) -> None:
    """Make a model the active one and classify the unreviewed cells again."""
    before = active_ref(session.workspace.catalogue).model_id
    wanted = model_entry(session.workspace, model_id)
    # Opened first: a model that cannot run on this computer is not promoted.
    opened = open_model(session.workspace, wanted.sha256, session.taxonomy)
    changes = promote(session, model_id, reason)
    output.say(f"{changes.text}. Before, {before} was in use.")
    predictor = opened or open_active(session.workspace, session.taxonomy)
    _classify_again(session, predictor, before=before, output=output)


def run_rollback(session: Session, output: Output) -> None:
    """Go back to the model before and classify the unreviewed cells again."""
    before = active_ref(session.workspace.catalogue).model_id
    changes = session.record(RollBack())
    output.say(f"{changes.text}.")
    predictor = open_active(session.workspace, session.taxonomy)
    _classify_again(session, predictor, before=before, output=output)


def run_export(workspace: Workspace, model_id: str, file: Path, *, output: Output) -> None:
    """Write a model as one file."""
    sha256 = export_model(workspace, model_id, file)
    size = file.stat().st_size
    output.say(f"Wrote {model_id} to {file} ({size / 1e6:.1f} MB)")
    output.say(f"      sha256 {sha256}")
    output.result({"model_id": model_id, "file": str(file), "bytes": size, "sha256": sha256})


def run_import(session: Session, file: Path, output: Output) -> None:
    """Take a model out of a file; it is not promoted."""
    found = import_model(session, file)
    output.say(f"Imported {found.model_id}. It was not judged on cells of this workspace.")
    output.say(f"To use it: wbc models --workspace W promote {found.model_id} --reason TEXT")
    output.result({**_entry_json(found), "file": str(file)})


def _classify_again(session: Session, predictor: Predictor, *, before: str, output: Output) -> None:
    started = time.perf_counter()
    report: ReclassificationReport | None = None
    with (
        output.progress("Classifying") as advance,
        closing(classify_workspace(session, predictor)) as steps,
    ):
        for step in steps:
            if isinstance(step, ReclassificationReport):
                report = step
            else:
                advance(step.done, step.total)
    if report is None:
        raise AssertionError("a re-classification ends with its report")
    output.say(report.text(session.taxonomy))
    output.result(
        {
            "model_id": predictor.model_id,
            "before": before,
            "reclassified": report.cells,
            "classified": report.fresh,
            "skipped": report.skipped,
            "changed": report.changed,
            "changes": [{"from": c.before, "to": c.after, "n": c.n} for c in report.changes],
            "seconds": round(time.perf_counter() - started, 3),
        }
    )


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1])
    return table


def _in_a_word(one: ModelEntry) -> str:
    if one.problem:
        return "damaged"
    if one.evaluation is not None:
        said = "better" if one.evaluation.better else "not better"
        return f"{said}, provisional" if one.evaluation.provisional else said
    return "not judged here" if one.imported_from else "came with the program"


def _score(score: tuple[int, float] | None) -> str:
    return NOTHING if score is None else f"{score[1]:.3f} ({score[0]:,})"


def _score_json(score: tuple[int, float] | None) -> JsonValue:
    return None if score is None else {"n": score[0], "f1": score[1]}


def _entry_json(one: ModelEntry) -> dict[str, JsonValue]:
    return {
        "model_id": one.model_id,
        "sha256": one.sha256,
        "kind": one.kind,
        "active": one.active,
        "parent": one.parent or None,
        "base": one.base or None,
        "made_at": one.made_at or None,
        "job": one.job or None,
        "site": one.site or None,
        "labels": one.labels,
        "data_sha256": one.data_sha256 or None,
        "imported_from": one.imported_from or None,
        "problem": one.problem or None,
        "reason": _reason_json(one.reason),
        "verdict": None if one.evaluation is None else _verdict_json(one.evaluation),
    }


def _reason_json(reason: WrittenReason | None) -> JsonValue:
    return None if reason is None else {"text": reason.text, "by": reason.reader, "at": reason.at}


def _verdict_json(said: Evaluation) -> dict[str, JsonValue]:
    return {
        "outcome": said.outcome.value,
        "provisional": said.provisional,
        "reasons": list(said.reasons),
        "cells": said.n,
        "macro_f1": {"old": said.macro_old, "new": said.macro_new},
        "difference": {"low": said.low, "high": said.high},
        "forgetting": said.forgetting,
        "calibration_error": {"old": said.ece_old, "new": said.ece_new},
        "classes": [
            {"class": row.label, "n": row.n, "old": row.old, "new": row.new} for row in said.rows
        ],
    }
