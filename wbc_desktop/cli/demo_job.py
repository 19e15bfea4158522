"""``wbc demo``: the whole job on a rendered patient, with every file a person may want to see."""

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.table import Table

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.cli import steps
from wbc_desktop.cli.import_step import import_cells, plan_import
from wbc_desktop.cli.options import reviewer_or_user
from wbc_desktop.cli.output import JsonValue, Output
from wbc_desktop.domain.cells.differential import DifferentialRow, differential
from wbc_desktop.domain.taxonomy.classes import Taxonomy, taxonomy_v1
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.export.patient_counts import class_name, count_by_patient, display_order
from wbc_desktop.services.export.report import make_report
from wbc_desktop.services.importing.options import ImportOptions
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


def differential_table(rows: Iterable[DifferentialRow], taxonomy: Taxonomy) -> Table:
    """Return a differential as people read it: the 100 % first, then what is outside it.

    Args:
        rows: The differential of one patient.
        taxonomy: The classes.
    """
    table = Table("Class", box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in ("Cells", "Percent", "95 % interval"):
        table.add_column(heading, justify="right")
    ordered = [row for row in display_order(rows, taxonomy) if row.n]
    for row in ordered:
        if row.counted:
            table.add_row(*_fields(row, taxonomy))
    total = ordered[0].denominator if ordered else 0
    table.add_row("Leukocytes counted", f"{total:,}", "", "", style="bold", end_section=True)
    outside = [row for row in ordered if not row.counted]
    if outside:
        table.add_row("Outside the 100 %, per 100 leukocytes", style="dim")
    for row in outside:
        table.add_row(*_fields(row, taxonomy))
    return table


def _fields(row: DifferentialRow, taxonomy: Taxonomy) -> tuple[str, ...]:
    indent = "  " if taxonomy.by_id[row.class_id].parent else ""
    name = f"{taxonomy.by_id[row.class_id].code}  {indent}{class_name(row, taxonomy)}"
    if row.percent is None or row.ci_low is None or row.ci_high is None:
        return (name, f"{row.n:,}", "–", "–")
    return (name, f"{row.n:,}", f"{row.percent:.1f}", f"{row.ci_low:.1f}–{row.ci_high:.1f}")
