"""The schema: new workspaces and migrated ones are the same."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.unit.filled_workspace import filled
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store import schema
from wbc_desktop.store.database import open_engine, writing
from wbc_desktop.store.upgrade import MIGRATIONS, migrate
from wbc_desktop.store.workspace import Workspace


def statements(engine: Engine) -> set[str]:
    """Return every CREATE statement of a file, white space aside."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {
            " ".join(row[0].replace("CONSTRAINT alembic_version_pkc ", "").split()) for row in rows
        }


def test_migrations_give_the_schema_of_a_new_workspace(tmp_path: Path) -> None:
    made, migrated = open_engine(tmp_path / "made.db"), open_engine(tmp_path / "migrated.db")
    with writing(made, tmp_path) as connection:
        schema.metadata.create_all(connection)
    migrate(migrated, tmp_path)
    assert statements(migrated) == statements(made)
    made.dispose()
    migrated.dispose()


def test_the_newest_migration_is_the_one_a_new_workspace_claims(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "migrated.db")
    migrate(engine, tmp_path)
    with engine.connect() as connection:
        assert (
            connection.scalar(text("SELECT version_num FROM alembic_version"))
            == (schema.REVISIONS[-1])
        )
    engine.dispose()
    modules = (MIGRATIONS / "versions").glob("v*.py")
    assert sorted(module.stem[1:5] for module in modules) == [*schema.REVISIONS]


def test_a_failing_migration_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        connection.execute(text("CREATE TABLE review (mine TEXT)"))  # in the migration's way
    before = statements(engine)
    with pytest.raises(Exception, match="already exists"):
        migrate(engine, path)
    assert statements(engine) == before
    engine.dispose()


def test_a_workspace_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws")
    session.workspace.close()
    path = session.workspace.folder / "workspace.wbc"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UserError, match="newer version"):
        Workspace.open(session.workspace.folder)
