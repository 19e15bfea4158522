"""``wbc taxonomy``: the classes of a workspace, out to a file and in from one."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from wbc_desktop.cli.options import JsonOption, ReviewerOption, WorkspaceOption, reviewer_or_user
from wbc_desktop.cli.output import Output
from wbc_desktop.domain.wording import counted

FileArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FILE", help="The JSON file of classes.", show_default=False)
]

taxonomy_app = typer.Typer(
    help="Write the classes of a workspace to a file, or take over those of a file.",
    no_args_is_help=True,
)


@taxonomy_app.command("export")
def export(file: FileArgument, *, workspace: WorkspaceOption, as_json: JsonOption = False) -> None:
    """Write the classes of a workspace to FILE."""
    from wbc_desktop.cli import steps
    from wbc_desktop.services.session.class_files import write_classes

    with (
        Output(as_json=as_json) as output,
        steps.opened(workspace, reviewer=reviewer_or_user(""), output=output) as session,
    ):
        write_classes(session.taxonomy, file)
        n = len(session.taxonomy.classes)
        output.say(f"Wrote {counted(n, 'class', 'classes')} to {file}")
        output.result({"file": str(file), "classes": n})


@taxonomy_app.command("import")
def import_(
    file: FileArgument,
    *,
    workspace: WorkspaceOption,
    reviewer: ReviewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take over the classes of FILE; those it does not name stay as they are."""
    from wbc_desktop.cli import steps
    from wbc_desktop.services.session.class_files import read_classes

    with (
        Output(as_json=as_json) as output,
        steps.opened(workspace, reviewer=reviewer_or_user(reviewer), output=output) as session,
    ):
        before = session.taxonomy
        changes = session.do(read_classes(file))
        after = session.taxonomy
        n = sum(before.by_id.get(c.id) != c for c in after.classes)
        done = changes.text if changes.kinds else "All classes are as the file says already"
        output.say(f"{done}.")
        output.result({"file": str(file), "classes": len(after.classes), "changed": n})
