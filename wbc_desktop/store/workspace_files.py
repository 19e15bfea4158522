"""A workspace's files: made new, complete or not at all; those of an older program upgraded.

Only an older workspace loads Alembic: opening one of today's reads a single row. Before an upgrade
the file is copied beside itself.
"""

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select

from wbc_desktop import __version__
from wbc_desktop.atomic_write import put_in_place, sync_file
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.store import schema as s
from wbc_desktop.store.crops import CropStore
from wbc_desktop.store.database import copy_into, explained, open_engine, writing
from wbc_desktop.store.names import CROPS_NAME, FOLDERS, new_code
from wbc_desktop.store.transaction import Transaction

MIGRATIONS = Path(__file__).parent / "migrations"


def check_new(folder: Path) -> None:
    """Find out before long work whether a workspace can be made here; nothing is written.

    Raises:
        UserError: If the folder holds other things or cannot be written.
    """
    try:
        if folder.is_dir():
            _check_empty(folder)
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    except OSError as error:
        raise _cannot_create(folder, error.strerror or str(error)) from error
    if not there.is_dir():
        raise _cannot_create(folder, f"{there} is a file")
    if not os.access(there, os.W_OK):
        raise _cannot_create(folder, f"no right to write in {there}")


def create_workspace(folder: Path, *, file: Path, crops: Path, at: str) -> None:
    """Make the folder and its files; ``file`` appears last, so that half a workspace is none.

    Args:
        folder: New, or empty but for hidden files.
        file: The workspace's SQLite file in it.
        crops: The file of images in it.
        at: UTC time.

    Raises:
        UserError: If the folder holds other things or cannot be written.
    """
    draft = file.with_name(f".{file.name}.new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_empty(folder)
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        CropStore(crops).close()
        draft.unlink(missing_ok=True)
        _fill(draft, at=at)
        put_in_place(draft, file)
    except OSError as error:
        raise _cannot_create(folder, error.strerror or str(error)) from error


def _cannot_create(folder: Path, reason: str) -> UserError:
    return UserError(
        "The workspace cannot be created",
        f"{folder} ({reason})",
        "Choose a folder you can write to.",
    )


def _check_empty(folder: Path) -> None:
    for entry in folder.iterdir():
        # What a making that was broken off leaves behind is no hindrance.
        if entry.name not in {CROPS_NAME, *FOLDERS} and not entry.name.startswith("."):
            raise UserError(
                "The folder is not empty",
                str(folder),
                "Name a new or an empty folder for the workspace.",
            )


def _fill(draft: Path, *, at: str) -> None:
    code, taxonomy = new_code(), taxonomy_v1()
    # Not in WAL mode yet: a single file can be put in place at once.
    engine = open_engine(draft, journal="DELETE")
    try:
        with writing(engine, draft) as connection:
            s.metadata.create_all(connection)
            connection.execute(insert(s.alembic_version).values(version_num=s.REVISIONS[-1]))
            facts = {"code": code, "taxonomy": taxonomy.version, "created_at": at}
            connection.execute(
                insert(s.meta), [{"key": key, "value": text} for key, text in facts.items()]
            )
            Transaction(connection, path=draft, code=code, at=at).append_event(
                "",
                EventType.WORKSPACE_CREATED,
                {"code": code, "taxonomy": taxonomy.version, "app_version": __version__},
            )
    finally:
        engine.dispose()


def ensure_current(engine: Engine, path: Path) -> None:
    """Upgrade the workspace if it is older than this program.

    Args:
        engine: Of the workspace's file.
        path: The file, for messages.

    Raises:
        UserError: If the file is no workspace, or of a newer program, or cannot be backed up.
    """
    with explained(path), engine.connect() as connection:
        found = _revision(connection)
    if found is None:
        raise UserError("This is not a workspace", str(path), "Choose another folder.")
    if found not in s.REVISIONS:
        raise UserError(
            "The workspace was made by a newer version of WBC Desktop",
            str(path),
            "Install the newest version and open it again.",
        )
    if found != s.REVISIONS[-1]:
        back_up(engine, path, revision=found)
        migrate(engine, path)


def back_up(engine: Engine, path: Path, *, revision: str) -> Path:
    """Copy the file beside itself before it is changed; a copy that is there already stays.

    Args:
        engine: Of the workspace's file.
        path: The file.
        revision: Its present revision, which the copy is named after.

    Returns:
        The copy.

    Raises:
        UserError: If there is no room for it.
    """
    copy = path.with_name(f"{path.name}.before-upgrade-from-{revision}")
    draft = copy.with_name(f".{copy.name}.part")
    if not copy.exists():
        draft.unlink(missing_ok=True)
        with explained(path), engine.connect() as connection:
            copy_into(connection, draft)
        sync_file(draft)
        put_in_place(draft, copy)
    return copy


def migrate(engine: Engine, path: Path) -> None:
    """Run every migration that is pending, in one transaction.

    Args:
        engine: Of the workspace's file.
        path: The file, for messages.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine, path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if not {"alembic_version", "meta", "event"} <= set(tables):
        return None
    return connection.scalar(select(s.alembic_version.c.version_num))
