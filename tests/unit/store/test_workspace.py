"""Making and opening workspaces."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.unit.filled_workspace import cells, filled
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.workspace import Workspace, utc_now


def test_a_new_workspace_has_its_folders_and_one_event(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a" / "ws", create=True) as workspace:
        assert (workspace.folder / "crops.db").is_file()
        assert all((workspace.folder / name).is_dir() for name in ("models", "jobs", "embeddings"))
        (event,) = workspace.catalogue.events.all()
        assert event.type is EventType.WORKSPACE_CREATED
        assert event.payload["code"] == workspace.code
        assert workspace.swept == ()
    assert not [*workspace.folder.glob(".*")]


@pytest.mark.parametrize("name", ["", "workspace.wbc"])
def test_a_workspace_is_opened_by_its_folder_or_its_file(tmp_path: Path, name: str) -> None:
    Workspace.open(tmp_path / "ws" / name, create=True).close()
    with Workspace.open(tmp_path / "ws" / name) as workspace:
        assert workspace.folder == tmp_path / "ws"


def test_the_code_stays_the_same(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws", create=True) as made:
        code = made.code
    with Workspace.open(tmp_path / "ws", create=True) as opened:
        assert opened.code == code


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a workspace"):
        Workspace.open(tmp_path)
    assert not [*tmp_path.iterdir()]


def test_a_workspace_is_not_made_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "patient").mkdir()
    with pytest.raises(UserError, match="not empty"):
        Workspace.open(tmp_path, create=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["patient"]


def test_a_creation_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / ".workspace.wbc.new").write_bytes(b"half a file")
    with Workspace.open(folder, create=True) as workspace:
        assert workspace.catalogue.events.head()[0] == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be created") as caught:
        Workspace.open(tmp_path / "file" / "ws", create=True)
    assert str(tmp_path / "file" / "ws") in caught.value.detail


@pytest.mark.parametrize("content", [b"", b"PNG or something else " * 200])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    Workspace.open(tmp_path / "ws", create=True).close()
    (tmp_path / "ws" / "workspace.wbc").write_bytes(content)
    with pytest.raises(UserError, match="not a workspace"):
        Workspace.open(tmp_path / "ws")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "ws", create=True).close()
    file = tmp_path / "ws" / "workspace.wbc"
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE meta (key TEXT)")
    connection.close()
    with pytest.raises(UserError, match="not a workspace"):
        Workspace.open(tmp_path / "ws")


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.open(tmp_path / "ws", create=True).close()
    # Asked of the system, because tests may run as root, who may write anywhere.
    monkeypatch.setattr("os.access", lambda path, mode: (path, mode) != (tmp_path / "ws", os.W_OK))
    with pytest.raises(UserError, match="cannot be written"):
        Workspace.open(tmp_path / "ws")


def test_lost_images_are_noticed_at_once(tmp_path: Path) -> None:
    Workspace.open(tmp_path / "ws", create=True).close()
    (tmp_path / "ws" / "crops.db").unlink()
    with pytest.raises(UserError, match="lost its images"):
        Workspace.open(tmp_path / "ws")


def test_a_damaged_file_is_told_in_plain_words(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws", n=400)
    session.workspace.close()
    file = tmp_path / "ws" / "workspace.wbc"
    content = bytearray(file.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        Workspace.open(tmp_path / "ws")


def import_and_fail(workspace: Workspace) -> None:
    with workspace.atomic() as tx:
        staged = tx.stage_patient("P1")
        tx.stage_cells(staged, cells(3))
        tx.finish_patient(staged)
        tx.append_event("Ada", EventType.EXPORTED, {})
        raise RuntimeError


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws", create=True) as workspace:
        head = workspace.catalogue.events.head()
        with pytest.raises(RuntimeError):
            import_and_fail(workspace)
        assert workspace.catalogue.events.head() == head
        assert workspace.catalogue.patients.all() == ()


def test_a_snapshot_does_not_see_what_is_written_meanwhile(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws")
    workspace = session.workspace
    with workspace.snapshot() as before:
        head = before.events.head()
        with workspace.atomic() as tx:
            tx.append_event("Ada", EventType.EXPORTED, {})
        assert before.events.head() == head
        assert workspace.catalogue.events.head()[0] == head[0] + 1
    workspace.close()


def test_the_catalogue_reads_from_another_thread(tmp_path: Path) -> None:
    session = filled(tmp_path / "ws")
    found: list[int] = []
    thread = threading.Thread(
        target=lambda: found.append(sum(1 for _ in session.workspace.catalogue.cells.all()))
    )
    thread.start()
    thread.join()
    assert found == [6]
    session.workspace.close()


def test_times_are_written_in_utc_with_microseconds() -> None:
    now = utc_now()
    assert len(now) == len("2026-11-21T09:30:00.123456Z")
    assert now.endswith("Z")
