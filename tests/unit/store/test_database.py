"""Connections, bulk statements and errors in plain words."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, select
from sqlalchemy.exc import IntegrityError

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.database import (
    among,
    driver_rows,
    explained,
    insert_many,
    open_engine,
    writing,
)

THINGS = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))


def failing(path: Path, name: str) -> None:
    """Raise the real error that SQLite gives for one state of a file."""
    match name:
        case "readonly":
            sqlite3.connect(path).close()
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            statement = "CREATE TABLE t (x)"
        case "full":
            connection = sqlite3.connect(path, isolation_level=None)
            connection.execute("CREATE TABLE t (x)")
            connection.execute("PRAGMA max_page_count = 2")
            statement = "INSERT INTO t VALUES (zeroblob(100000))"
        case "not a database":
            path.write_bytes(b"just some text, long enough to be looked at" * 40)
            connection = sqlite3.connect(path)
            statement = "SELECT * FROM sqlite_master"
        case _:
            connection = sqlite3.connect(path / "missing" / "file")
            statement = ""
    try:
        connection.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("readonly", "cannot be written"),
        ("full", "disk is full"),
        ("not a database", "not a workspace"),
        ("no folder", "cannot be opened"),
    ],
)
def test_errors_of_the_disk_are_told_in_plain_words(tmp_path: Path, name: str, title: str) -> None:
    path = tmp_path / "workspace.wbc"
    with pytest.raises(UserError, match=title) as caught, explained(path):
        failing(path, name)
    assert caught.value.detail == str(path)
    assert caught.value.advice


def test_a_fault_of_ours_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError), explained(tmp_path):
        connection.execute("SELEKT 1")
    connection.close()


def _insert_twice(engine: Engine, path: Path) -> None:
    with writing(engine, path) as connection:
        insert_many(connection, THINGS, ("id",), [(1,)])
        insert_many(connection, THINGS, ("id",), [(1,)])


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "odd name % ? #.db"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        THINGS.create(connection)
    with pytest.raises(IntegrityError):
        _insert_twice(engine, path)
    with engine.connect() as connection:
        assert connection.execute(select(THINGS)).all() == []
    engine.dispose()
    assert path.exists()


def test_any_number_of_values_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "things.db"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        THINGS.create(connection)
        rows = ((i, f"thing “{i}” \U0001f9a0") for i in range(300_000))
        insert_many(connection, THINGS, ("id", "name"), rows)
        wanted = range(0, 300_000, 2)
        found = connection.execute(select(THINGS.c.id).where(among(THINGS.c.id, wanted)))
        assert sorted(found.scalars()) == [*wanted]
        named = select(THINGS.c.id).where(among(THINGS.c.name, ["thing “7” \U0001f9a0", "none"]))
        assert connection.scalars(named).all() == [7]
        assert connection.scalars(select(THINGS).where(among(THINGS.c.id, []))).all() == []
        assert sum(1 for _ in driver_rows(connection, "SELECT id FROM thing")) == 300_000
    engine.dispose()


def test_the_file_is_set_up_to_survive_a_power_cut(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "things.db")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
