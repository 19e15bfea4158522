"""Bring an older workspace up to this program's schema.

Only an older workspace loads Alembic: opening one of today's reads a single row. Before an upgrade
the file is copied beside itself.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select

from wbc_desktop.atomic_write import put_in_place, sync_file
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema as s
from wbc_desktop.store.database import copy_into, explained, writing

MIGRATIONS = Path(__file__).parent / "migrations"


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
