"""The SQLite file: connections, transactions, bulk statements, and errors in plain words.

What is particular to SQLite lives here and in ``migrations`` only. Connections come from a pool
and may be used on any thread, one thread at a time.

``synchronous`` is FULL: a label must survive a power cut the moment it is made, and one flush to
the disk for each key press is not felt. (NORMAL may lose the last commits, never the file.)
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from wbc_desktop.domain.errors import UserError

BUSY_TIMEOUT_MS = 10_000  # how long a writer waits for another program's transaction
_PRAGMAS = (
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "synchronous=FULL",
    "cache_size=-8192",  # KiB
    "temp_store=MEMORY",
)


def open_engine(path: Path, *, journal: str = "WAL") -> Engine:
    """Return an engine for an existing file, or for a new one that its first use creates.

    Args:
        path: The SQLite file.
        journal: Its journal mode.
    """
    # isolation_level None keeps the driver from starting transactions of its own accord, at
    # other moments than we think; ``_begin`` starts every one of them.
    engine = create_engine(
        URL.create("sqlite", database=str(path.absolute())),
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
        pool_size=8,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (*_PRAGMAS, f"journal_mode={journal}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """Open the one write transaction: commit at the end, roll back on any exception.

    It takes the write lock at its start, so that what it reads is still true when it writes.

    Raises:
        UserError: If the disk is full, the file read-only, damaged, or held by another program.
    """
    with explained(path), engine.connect() as connection:
        connection = connection.execution_options(begin="BEGIN IMMEDIATE")  # noqa: PLW2901  # the same one
        with connection.begin():
            yield connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of the disk and of SQLite into the user's words; leave our own faults alone.

    Args:
        path: The file the user should be told about.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise UserError("The workspace is busy", str(path), "Try again in a moment.") from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        told = _in_plain_words(cause, path)
        if told is None:
            raise
        raise told from error


def _in_plain_words(cause: BaseException | None, path: Path) -> UserError | None:
    name = getattr(cause, "sqlite_errorname", "")
    if str(cause) == "malformed JSON":  # only payloads of events are read as JSON
        name = "SQLITE_CORRUPT"
    for prefix, title, advice in _EXPLANATIONS:
        if name.startswith(prefix):
            return UserError(title, str(path), advice)
    return None


_EXPLANATIONS = (
    ("SQLITE_FULL", "The disk is full", "Free some space and try again. Nothing was changed."),
    (
        "SQLITE_READONLY",
        "The workspace cannot be written",
        "Check the permissions of its folder, or copy the folder to a disk you can write to.",
    ),
    (
        "SQLITE_BUSY",
        "Another program is writing to the workspace",
        "Wait until it has finished and try again. Nothing was changed.",
    ),
    (
        "SQLITE_CANTOPEN",
        "The workspace cannot be opened",
        "Check that the folder exists and that you may write to it.",
    ),
    ("SQLITE_NOTADB", "This is not a workspace", "Choose a folder that holds workspace.wbc."),
    (
        "SQLITE_CORRUPT",
        "The workspace is damaged",
        "Restore the folder from a backup. Keep the damaged one until the backup is checked.",
    ),
    (
        "SQLITE_IOERR",
        "The disk failed while the workspace was read or written",
        "Check the disk or the network drive, then open the workspace again.",
    ),
)


def insert_many(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    replace: bool = False,
) -> None:
    """Insert rows straight through the driver, about 1 µs each.

    Args:
        connection: Inside a transaction.
        table: Where they go.
        columns: Names, in the order of the values.
        rows: One sequence of values each.
        replace: Whether a row of the same primary key is replaced.
    """
    values = [tuple(row) for row in rows]
    if not values:
        return
    verb = "INSERT OR REPLACE" if replace else "INSERT"
    marks = ", ".join("?" * len(columns))
    # Names come from our own schema, values are bound.
    statement = f"{verb} INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
    connection.exec_driver_sql(statement, values)


def insert_row(connection: Connection, table: Table, **values: Any) -> int:  # noqa: ANN401  # of any column
    """Insert one row and return its id.

    Args:
        connection: Inside a transaction.
        table: A table with the primary key ``id``.
        **values: By column name.
    """
    result = connection.execute(insert(table).values(**values).returning(table.c.id))
    return int(result.scalar_one())


def among(column: ColumnElement[Any], values: Iterable[int] | Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of any number of values.

    They travel as one JSON parameter: SQLite limits the number of parameters of a statement.
    """
    listed = func.json_each(json.dumps([*values])).table_valued("value")
    return column.in_(select(listed.c.value))


def json_field(column: ColumnElement[str], name: str) -> ColumnElement[Any]:
    """Return one top-level field of a JSON text column."""
    return func.json_extract(column, f"$.{name}")


def driver_rows(
    connection: Connection, statement: str, values: Sequence[Any] = (), *, at_once: int = 10_000
) -> Iterator[tuple[Any, ...]]:
    """Yield rows as the driver makes them, for reads of a million rows.

    Args:
        connection: Any open connection.
        statement: SQL text with ``?`` for each value.
        values: What is bound.
        at_once: Rows fetched at a time: fewer where they are large.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.arraysize = at_once
        cursor.execute(statement, values)
        while rows := cursor.fetchmany():
            yield from rows
    finally:
        cursor.close()


def copy_into(connection: Connection, path: Path) -> None:
    """Write the whole database into another file, what lies in the write-ahead log included.

    Args:
        connection: Outside a transaction.
        path: The copy; must not exist.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute("VACUUM INTO ?", (str(path),))
    finally:
        cursor.close()


def damage(connection: Connection) -> list[str]:
    """Return what SQLite's own check finds wrong with the file; nothing if it is sound."""
    found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    lines = [] if list(found) == ["ok"] else [str(line) for line in found]
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    lines += [f"{table}: row {row} refers to no {parent}" for table, row, parent, _ in orphans]
    return lines


def triggers(connection: Connection) -> dict[str, str]:
    """Return the text of each trigger in the file by its name."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {row[0]: row[1] for row in rows}
