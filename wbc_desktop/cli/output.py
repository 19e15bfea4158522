"""What a verb shows: text for people or one JSON document for machines, and its exit code.

Results go to stdout, progress and errors to stderr. Every verb does its work inside
``with Output(as_json=…) as out``; a ``UserError`` in there becomes one line and exit code 1.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeAlias

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from wbc_desktop.domain.errors import UserError

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | Mapping[str, JsonValue] | None"

Advance: TypeAlias = Callable[[int, int | None], None]
"""Takes how much is done and how much there is in all, None where it is not known."""

USER_ERROR = 1


class Output:
    """The voice of one verb.

    Args:
        as_json: Print one JSON document instead of text.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._err = Console(stderr=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Print a ``UserError`` on one line and exit with 1."""
        if not isinstance(error, UserError):
            return
        self.complain(str(error))
        told = {"title": error.title, "detail": error.detail, "advice": error.advice}
        self.result({"error": told})
        raise typer.Exit(USER_ERROR) from error

    def complain(self, text: str) -> None:
        """Print one line to stderr, whatever line breaks and control codes a name may hold."""
        line = "".join(sign if sign.isprintable() else "�" for sign in " ".join(text.split()))
        typer.echo(f"wbc: {line}", err=True)

    def note(self, text: str) -> None:
        """Print a line of progress to stderr where no bar is shown."""
        if self._as_json or not sys.stderr.isatty():
            typer.echo(text, err=True)

    def say(self, text: str = "") -> None:
        """Print a line for people."""
        if not self._as_json:
            typer.echo(text)

    def show(self, table: RenderableType) -> None:
        """Print a table for people."""
        if not self._as_json:
            self._out.print(table)

    def result(self, document: Mapping[str, JsonValue]) -> None:
        """Print the one document for machines."""
        if self._as_json:
            typer.echo(json.dumps(document, indent=2, allow_nan=False))

    @contextmanager
    def progress(self, what: str) -> Iterator[Advance]:
        """Show a bar while a person watches the terminal.

        Args:
            what: What is being done, such as ``Classifying``.
        """
        hidden = self._as_json or not sys.stderr.isatty()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            _CountColumn(),
        )
        with Progress(*columns, console=self._err, disable=hidden, transient=True) as bar:
            task = bar.add_task(what, total=0)
            yield lambda done, total: bar.update(task, completed=done, total=total)


class _CountColumn(ProgressColumn):
    """Done of how many, rate and remaining time, as far as they are known."""

    def render(self, task: Task) -> Text:
        """Return the text beside the bar."""
        text = f"{task.completed:,.0f}"
        if task.total:
            text += f"/{task.total:,.0f}"
        if task.speed:
            text += f", {task.speed:,.0f}/s"
        if task.speed and task.total and task.time_remaining is not None:
            text += f", {task.time_remaining:,.0f} s left"
        return Text(text)
