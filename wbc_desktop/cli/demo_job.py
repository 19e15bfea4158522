"""``wbc demo``: the whole job on a rendered patient, with every file a person may want to see."""

import shlex
import sys
from pathlib import Path

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.cli import steps
from wbc_desktop.cli.import_step import import_cells, plan_import
from wbc_desktop.cli.options import reviewer_or_user
from wbc_desktop.cli.output import JsonValue, Output
from wbc_desktop.cli.tables import differential_table
from wbc_desktop.domain.cells.differential import DifferentialRow, differential
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.export.patient_counts import count_by_patient
from wbc_desktop.services.export.report import make_report
from wbc_desktop.services.importing import ImportOptions
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.support.demo import SITE, DemoFolder


def run_demo(folder: Path, output: Output) -> None:
    """Render, import, classify, export and report."""
    demo = DemoFolder(folder)
    taxonomy = taxonomy_v1()
    predictor = open_predictor(taxonomy)
    demo.begin()
    with output.progress("Rendering") as advance:
        for done, total in demo.render():
            advance(done, total)
    output.say(f"Rendered a sample patient in {demo.patient}")
    options = ImportOptions(site=SITE, um_per_px=demo.um_per_px)
    reviewer = reviewer_or_user("")
    with steps.opened(demo.workspace, reviewer=reviewer, output=output, create=True) as session:
        plan = plan_import(
            [demo.patient], options=options, workspace=session.workspace, output=output
        )
        output.say(import_cells(plan, session, output=output).text())
        classified = steps.classify_cells(session, predictor, output=output)
        output.say(classified.text())
        export(session, demo.cells_csv)
        export(session, demo.differential_csv, what=ExportKind.DIFFERENTIAL)
        session.record(make_report(session.workspace, demo.report, taxonomy=taxonomy))
        (counts,) = count_by_patient(session.workspace.catalogue.cells.all())
    rows = differential(counts.labels, taxonomy)
    output.say()
    output.show(differential_table(rows, taxonomy))
    output.say()
    _tell_files(demo, output)
    output.result(_as_json(demo, rows, classified))


def _tell_files(demo: DemoFolder, output: Output) -> None:
    output.say("These are labels of the model on rendered cells; nobody has reviewed them yet.")
    output.say(RESEARCH_USE_ONLY)
    output.say()
    output.say(f"One row per cell    {demo.cells_csv}")
    output.say(f"The differential    {demo.differential_csv}")
    output.say(f"A report            {demo.report}")
    output.say("Open the same workspace in the window to review it:")
    started = "wbc-desktop" if getattr(sys, "frozen", False) else "uv run wbc-desktop"
    output.say(f"  {started} {shlex.quote(str(demo.workspace))}")


def _as_json(
    demo: DemoFolder, rows: tuple[DifferentialRow, ...], classified: steps.Classified
) -> dict[str, JsonValue]:
    return {
        "workspace": str(demo.workspace),
        "cells_csv": str(demo.cells_csv),
        "differential_csv": str(demo.differential_csv),
        "report": str(demo.report),
        "classify": classified.as_json(),
        "differential": [
            {
                "class": row.class_id,
                "n_own": row.n_own,
                "n": row.n,
                "denominator": row.denominator,
                "percent": row.percent,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "counted": row.counted,
            }
            for row in rows
        ],
    }
