"""The verbs of ``wbc``: names, options and help. Names are binding; scripts rely on them.

What a verb does stands in ``jobs``, which is loaded only when a verb runs, so that ``wbc --help``
answers at once. To add a verb, declare it here, put its work into ``jobs``, and describe it in
``docs/cli.md``.
"""

from pathlib import Path
from typing import Annotated

import typer

from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.cli.model_verbs import models
from wbc_desktop.cli.options import (
    CsvOption,
    ExportOption,
    JsonOption,
    ReviewerOption,
    ScaleOption,
    SiteOption,
    WorkspaceOption,
    reviewer_or_user,
)
from wbc_desktop.cli.output import Output
from wbc_desktop.cli.taxonomy_verbs import taxonomy_app
from wbc_desktop.domain.training.job import JobKind
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.importing.options import FolderLayout, ImportOptions, LabelsFrom

app = typer.Typer(
    name="wbc",
    help="Classify the white blood cells of a smear and export them, without a screen.\n\n"
    f"{RESEARCH_USE_ONLY}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(taxonomy_app, name="taxonomy")
app.command("models")(models)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"wbc {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options of ``wbc`` itself."""


@app.command("demo")
def demo(
    *,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder to write; begun anew if unreviewed."),
    ] = Path("wbc-demo"),
    as_json: JsonOption = False,
) -> None:
    """Run the whole job on a rendered sample patient of 200 cells."""
    from wbc_desktop.cli.demo_job import run_demo

    with Output(as_json=as_json) as output:
        run_demo(out, output)


@app.command("import")
def import_(  # noqa: PLR0913  # the options of the verb
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="A patient's folder, a CSV manifest, an HDF5, NPZ or ZIP file.",
            show_default=False,
        ),
    ],
    *,
    workspace: WorkspaceOption,
    batch: Annotated[
        bool, typer.Option("--batch", help="PATH holds one folder per patient.")
    ] = False,
    layout: Annotated[
        FolderLayout, typer.Option("--folders", help="What the folders below PATH are.")
    ] = FolderLayout.AUTO,
    site: SiteOption = "",
    um_per_px: ScaleOption = None,
    labels: Annotated[
        LabelsFrom | None,
        typer.Option(
            "--labels", help="Keep the source's own labels, from here. They stand beside, only."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported, and import nothing.")
    ] = False,
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Import crops of white blood cells into a workspace, which is made if need be."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_import(
            paths,
            workspace,
            options=ImportOptions(
                batch=batch,
                layout=layout,
                site=site,
                um_per_px=um_per_px,
                labels=labels,
            ),
            reviewer=reviewer_or_user(reviewer),
            dry_run=dry_run,
            output=output,
        )


@app.command("classify")
def classify(
    *,
    workspace: WorkspaceOption,
    again: Annotated[
        bool, typer.Option("--again", help="Also cells that this model has classified before.")
    ] = False,
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Classify the cells this model has not classified yet; an interrupted run goes on."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_classify(
            workspace, again=again, reviewer=reviewer_or_user(reviewer), output=output
        )


@app.command("embed")
def embed(*, workspace: WorkspaceOption, as_json: JsonOption = False) -> None:
    """Compute the embeddings that are missing: what similar cells and the map need."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_embed(workspace, output)


@app.command("label")
def label(
    *,
    workspace: WorkspaceOption,
    csv: Annotated[
        Path,
        typer.Option(
            "--csv",
            metavar="FILE",
            help="Columns cell_id or image_sha256, and label; or an export of ours.",
        ),
    ],
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give cells the labels and comments of a CSV file: all of them, or none if a line is wrong."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_label(workspace, csv, reviewer=reviewer_or_user(reviewer), output=output)


@app.command("retrain")
def retrain(
    *,
    workspace: WorkspaceOption,
    mode: Annotated[
        JobKind,
        typer.Option("--mode", help="Refit the head in seconds, or teach the whole network."),
    ] = JobKind.ADAPT,
    site: Annotated[
        str, typer.Option("--site", metavar="NAME", help="Learn from the cells of this site only.")
    ] = "",
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Teach a model the human labels, judge it against the one in use, and keep it beside that."""
    from wbc_desktop.cli import retrain_job

    with Output(as_json=as_json) as output:
        retrain_job.run_retrain(
            workspace,
            kind=mode,
            site=site,
            reviewer=reviewer_or_user(reviewer),
            output=output,
        )


@app.command("export")
def export(
    *,
    workspace: WorkspaceOption,
    out: ExportOption,
    what: Annotated[ExportKind, typer.Option("--what", help="What to export.")] = ExportKind.CELLS,
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Export cells, the differential or the audit log as CSV, or the labelled crops to train on."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_export(
            workspace, out, what=what, reviewer=reviewer_or_user(reviewer), output=output
        )


@app.command("report")
def report(
    *,
    workspace: WorkspaceOption,
    html: Annotated[
        Path, typer.Option("--html", metavar="OUT", help="File to write; replaced if it exists.")
    ],
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the differential of every patient with its cells as one HTML page."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_report(workspace, html, reviewer=reviewer_or_user(reviewer), output=output)


@app.command("run")
def run(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="A patient's folder, a CSV manifest, an HDF5, NPZ or ZIP file.",
            show_default=False,
        ),
    ],
    *,
    csv: CsvOption,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="W",
            help="Keep everything in this workspace, to review it later. Without it nothing stays "
            "but the CSV.",
        ),
    ] = None,
    site: SiteOption = "",
    um_per_px: ScaleOption = None,
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Import, classify and export in one go: one row of OUT per cell of FOLDER.

    If a workspace is named, OUT holds the patients of FOLDER, with the cells and labels that the
    workspace already had of them.
    """
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_all(
            folder,
            csv,
            workspace=workspace,
            options=ImportOptions(site=site, um_per_px=um_per_px),
            reviewer=reviewer_or_user(reviewer),
            output=output,
        )


@app.command("verify")
def verify(
    *,
    workspace: WorkspaceOption,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HASH",
            help="The head hash of an earlier export; the log must still contain it.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the audit log against every label; exit code 1 if anything disagrees."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_verify(workspace, pinned=head, output=output)


@app.command("info")
def info(
    *,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", metavar="W", help="Also say what this workspace holds."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which version, model and engine run here, and what a workspace holds."""
    from wbc_desktop.cli import jobs

    with Output(as_json=as_json) as output:
        jobs.run_info(workspace, output)
