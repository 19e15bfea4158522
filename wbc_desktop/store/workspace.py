"""The workspace: a folder with everything about its patients.

``workspace.wbc`` holds metadata, labels, predictions and events, ``crops.db`` the images,
``models``, ``jobs`` and ``embeddings`` what training makes. The folder can be moved and copied
while no program has it open. It must lie on a disk of this computer: SQLite's write-ahead log
does not work over a network file system.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, select

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.database import damage, explained, open_engine, triggers, writing
from wbc_desktop.store.file_lock import ImportRunningError, import_lock
from wbc_desktop.store.names import CROPS_NAME, FILE_NAME, folder_of
from wbc_desktop.store.transaction import Transaction
from wbc_desktop.store.workspace_files import check_new, create_workspace, ensure_current


def utc_now() -> str:
    """Return the present UTC time as events write it, ``2026-11-21T09:30:00.123456Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_new(path: Path) -> bool:
    """Tell whether there is no workspace yet, and that one can be made here.

    Raises:
        UserError: If there is none and none can be made.
    """
    folder = folder_of(path)
    if (folder / FILE_NAME).exists():
        return False
    check_new(folder)
    return True


class Workspace:
    """An open workspace. Use as a context manager, or close it.

    Attributes:
        folder: Its folder.
        code: Short random id that its cell ids begin with.
        taxonomy_version: The taxonomy its labels belong to.
        catalogue: Reads, from any thread.
        crops: The images.
        swept: Codes of patients whose import was cut short earlier and was removed now.
    """

    def __init__(self, folder: Path, *, engine: Engine, crops: CropStore) -> None:
        self.folder = folder
        self.crops = crops
        self._engine = engine
        self._path = folder / FILE_NAME
        with explained(self._path), engine.connect() as connection:
            known = {row[0]: row[1] for row in connection.execute(select(s.meta))}
        if not {"code", "taxonomy"} <= known.keys():
            raise UserError(
                "The workspace is damaged",
                str(self._path),
                "Restore the folder from a backup. Keep the damaged one until it is checked.",
            )
        self.code = known["code"]
        self.taxonomy_version = known["taxonomy"]
        self.catalogue = Catalogue(engine, path=self._path, code=self.code)
        self.swept = self._sweep()

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """Open a workspace.

        Args:
            path: Its folder, or the ``workspace.wbc`` in it.
            create: Whether a new one is made where there is none.

        Raises:
            UserError: If it is no workspace, is newer, is damaged or cannot be written.
        """
        folder = folder_of(path)
        file = folder / FILE_NAME
        if not file.exists():
            if not create:
                raise UserError(
                    "This is not a workspace",
                    str(path),
                    f"Choose a folder that holds {FILE_NAME}, or import into a new one.",
                )
            create_workspace(folder, file=file, crops=folder / CROPS_NAME, at=utc_now())
        _check_writable(folder)
        if not (folder / CROPS_NAME).is_file():
            raise UserError(
                "The workspace has lost its images",
                str(folder / CROPS_NAME),
                f"Put {CROPS_NAME} back, or restore the whole folder from a backup.",
            )
        engine = open_engine(file)
        try:
            ensure_current(engine, file)
            return cls(folder, engine=engine, crops=CropStore(folder / CROPS_NAME))
        except BaseException:
            engine.dispose()
            raise

    @contextmanager
    def atomic(self, *, at: str | None = None) -> Iterator[Transaction]:
        """Open the one write transaction: commit at the end, roll back on any exception.

        Args:
            at: The UTC time to write; now if None.

        Raises:
            UserError: If the file cannot be written now.
        """
        with writing(self._engine, self._path) as connection:
            yield Transaction(connection, path=self._path, code=self.code, at=at or utc_now())

    @contextmanager
    def snapshot(self) -> Iterator[Catalogue]:
        """Open reads that all see the workspace as it is at the first of them."""
        with explained(self._path), self._engine.connect() as connection:
            yield Catalogue(connection, path=self._path, code=self.code)

    def import_lock(self) -> AbstractContextManager[None]:
        """Return the lock to hold during an import.

        Raises:
            UserError: On entering, if another import runs in any process.
        """
        return import_lock(self.folder)

    def damage(self) -> list[str]:
        """Return what is wrong with the file itself; nothing if it is sound."""
        with explained(self._path), self._engine.connect() as connection:
            kept = triggers(connection)
            changed = [name for name, text in s.APPEND_ONLY.items() if kept.get(name) != text]
            return [
                *damage(connection),
                *(f"the guard {name} of the audit log is missing" for name in changed),
            ]

    def close(self) -> None:
        """Close every connection."""
        self.crops.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the workspace itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _sweep(self) -> tuple[str, ...]:
        with explained(self._path), self._engine.connect() as connection:
            if connection.execute(select(s.staged_patient.c.id).limit(1)).first() is None:
                return ()
        try:
            with self.import_lock(), self.atomic() as transaction:
                return transaction.drop_staged()
        except ImportRunningError:
            return ()  # the staged cells are of an import that is running now


def _check_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise UserError(
            "The workspace cannot be written",
            str(folder),
            "Check the permissions of its folder, or copy the folder to a disk you can write to.",
        )
