"""The workspace of the person at the desktop, read from outside and never touched."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from smoke_desktop import Desktop, SmokeError

HERE = Path(__file__).resolve().parent


class SeenWorkspace:
    """Reads copies, so that who only looks leaves no trace.

    Args:
        home: Home folder of the person; the program chooses the place in it.
        size: Of the screen.
    """

    def __init__(self, home: Path, *, size: str) -> None:
        self._home, self._size = home, size
        self.folder = home

    def find(self) -> bool:
        """Tell whether there is a workspace, and remember where."""
        found = sorted(self._home.rglob("workspace.wbc"))
        if found:
            self.folder = found[0].parent
        return bool(found)

    def all_classified(self) -> bool:
        """Tell whether it has cells, all of them with a prediction."""
        cells = self.count("cell")
        return cells > 0 and self.count("prediction") == cells

    def predicted(self, cell: int) -> str:
        """Return what the model says of a cell."""
        (row, *_) = self.rows(f"SELECT label FROM prediction WHERE cell_id = {cell:d}")  # noqa: S608
        return str(row[0])

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        ((n,),) = self.rows(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(n)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Return the payloads of all events of a kind."""
        rows = self.rows(f"SELECT payload FROM event WHERE type = '{kind}'")  # noqa: S608
        return [json.loads(row[0]) for row in rows]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._copy() as copy, closing(sqlite3.connect(copy / "workspace.wbc")) as file:
            return file.execute(query).fetchall()

    def places(self) -> dict[str, Any]:
        """Ask the twin where cells (``tiles``) and classes stand on the screen."""
        with self._copy() as copy, Desktop(self._home, pictures=copy, size=self._size) as screen:
            done = subprocess.run(
                [sys.executable, str(HERE / "smoke_map.py"), str(copy)],
                env={
                    **os.environ,
                    "DISPLAY": screen.display,
                    "QT_QPA_PLATFORM": "xcb",
                    "WBC_CONFIG_DIR": str(copy / "settings"),
                    "LANG": "C.UTF-8",
                },
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode or not done.stdout.strip():
            raise SmokeError(f"the twin ended with: {done.stderr.strip()[-300:]}")
        places: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return places

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / self.folder.name
            shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("jobs"))
            yield copy
