"""The schema: new workspaces and migrated ones are the same."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from tests.unit.filled_workspace import TAXONOMY, filled, predictions
from wbc_desktop.domain.errors import UserError
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store import schema
from wbc_desktop.store.database import open_engine, writing
from wbc_desktop.store.workspace import Workspace
from wbc_desktop.store.workspace_files import MIGRATIONS, migrate


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


TO_0001 = """
ALTER TABLE prediction RENAME TO newer;
CREATE TABLE prediction (cell_id INTEGER NOT NULL, run_id INTEGER NOT NULL, label TEXT NOT NULL,
  prob FLOAT NOT NULL, scale_source INTEGER NOT NULL, probs BLOB NOT NULL, PRIMARY KEY (cell_id),
  FOREIGN KEY(cell_id) REFERENCES cell (id), FOREIGN KEY(run_id) REFERENCES prediction_run (id));
INSERT INTO prediction SELECT cell_id, run_id, label, prob, scale_source, probs FROM newer;
DROP TABLE newer;
DROP TABLE slide_shift;
DROP TABLE prediction_columns;
DROP TABLE reference;
DROP TABLE attribute;
DROP TABLE definition;
UPDATE alembic_version SET version_num = '0001'
"""


def as_of_0001(folder: Path) -> Path:
    """Turn a workspace into what the program of revision 0001 would have left."""
    path = folder / "workspace.wbc"
    engine = open_engine(path)
    with writing(engine, path) as connection:
        for statement in TO_0001.split(";"):
            connection.execute(text(statement))
    engine.dispose()
    return path


def test_a_workspace_of_0001_opens_with_its_predictions_and_empty_new_fields(
    tmp_path: Path,
) -> None:
    session = filled(tmp_path / "ws")
    before = session.workspace.catalogue.cells.get(3)
    session.workspace.close()
    as_of_0001(tmp_path / "ws")
    with Workspace.open(tmp_path / "ws") as workspace:
        cell = workspace.catalogue.cells.get(3)
        assert (cell.predicted, cell.pred_prob) == (before.predicted, before.pred_prob)
        assert (cell.pred_set, cell.ood_score, cell.slide_shift) == (None, None, None)
        index = workspace.catalogue.index.load(TAXONOMY)
        assert index.pred_set.tolist() == [0] * 6
        assert np.isnan(index.ood).all()
        assert index.predicted.tolist() == [TAXONOMY.ordinals["lymphocyte"]] * 6
        assert index.prob.tolist() == pytest.approx([0.9] * 6)
        k = len(TAXONOMY.leaves)
        probs = np.array([0.9] + [0.1 / (k - 1)] * (k - 1))
        spread = -(probs * np.log(probs)).sum() / np.log(k)
        assert index.margin.tolist() == pytest.approx([0.9 - 0.1 / (k - 1)] * 6)
        assert index.entropy.tolist() == pytest.approx([spread] * 6)
        assert verify(workspace, TAXONOMY).ok
        again = Session(workspace, reader="Ada", taxonomy=TAXONOMY)
        again.record(predictions(["monocyte"] * 6))
        assert workspace.catalogue.cells.get(3).ood_score == 0.5


def test_the_file_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    filled(tmp_path / "ws").workspace.close()
    path = as_of_0001(tmp_path / "ws")
    Workspace.open(tmp_path / "ws").close()
    copy = path.with_name("workspace.wbc.before-upgrade-from-0001")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT count(*) FROM prediction").fetchone() == (6,)
    connection.close()
    Workspace.open(tmp_path / "ws").close()  # of today: nothing more is copied
    assert len(list((tmp_path / "ws").glob("*upgrade*"))) == 1
