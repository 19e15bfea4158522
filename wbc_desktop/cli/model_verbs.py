"""``wbc models``: the models of a workspace, promoting and rolling back, out to a file and in."""

from pathlib import Path
from typing import Annotated

import typer

from wbc_desktop.cli.options import JsonOption, ReviewerOption, WorkspaceOption, reviewer_or_user
from wbc_desktop.cli.output import Output

ACTS = {
    "list": (),
    "compare": ("A", "B"),
    "promote": ("ID",),
    "rollback": (),
    "export": ("ID", "FILE"),
    "import": ("FILE",),
}
"""What can be done, and the words that must follow."""
_USAGE = " | ".join(" ".join((act, *words)) for act, words in ACTS.items())


def models(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar=f"[{_USAGE}]", help="What to do; list if left out."),
    ] = None,
    *,
    workspace: WorkspaceOption,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            metavar="TEXT",
            help="Why a model is promoted that was not judged better; goes into the audit log.",
        ),
    ] = "",
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """List, compare, promote, roll back, export or import the models of a workspace.

    Promoting and rolling back classify the unreviewed cells again; labels are never touched.
    """
    act, *arguments = words or ["list"]
    if act not in ACTS:
        raise typer.BadParameter(f"{act!r} is none of: {_USAGE}")
    if len(arguments) != len(ACTS[act]):
        raise typer.BadParameter(f"use: {' '.join((act, *ACTS[act]))}")
    if reason and act != "promote":
        raise typer.BadParameter("--reason belongs to promote")
    from wbc_desktop.cli import model_jobs, steps

    with (
        Output(as_json=as_json) as output,
        steps.opened(workspace, reviewer=reviewer_or_user(reviewer), output=output) as session,
    ):
        match act:
            case "list":
                model_jobs.run_list(session.workspace, output)
            case "compare":
                model_jobs.run_compare(session, *arguments, output=output)
            case "promote":
                model_jobs.run_promote(session, *arguments, reason=reason, output=output)
            case "rollback":
                model_jobs.run_rollback(session, output)
            case "export":
                model_jobs.run_export(
                    session.workspace, arguments[0], Path(arguments[1]), output=output
                )
            case _:
                model_jobs.run_import(session, Path(arguments[0]), output)
