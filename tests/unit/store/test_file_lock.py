"""One holder at a time, on any thread and in any process, and none left behind by the dead."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.file_lock import ImportRunningError, hold_lock, import_lock, is_locked

HOLDER = """
import sys, time
from pathlib import Path
from wbc_desktop.store.file_lock import hold_lock
with hold_lock(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def test_one_holder_at_a_time_on_one_thread_and_on_several(tmp_path: Path) -> None:
    path, seen = tmp_path / "lock", []
    assert not is_locked(path)
    assert not path.exists()

    def look() -> None:
        with hold_lock(path) as mine:
            seen.append(mine)

    with hold_lock(path) as mine:
        assert mine
        assert is_locked(path)
        look()
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert not is_locked(path)
    look()
    assert seen == [False, False, True]


def test_a_lock_taken_on_one_thread_is_let_go_of_on_another(tmp_path: Path) -> None:
    held = hold_lock(tmp_path / "lock")
    assert held.__enter__()
    other = threading.Thread(target=held.__exit__, args=(None, None, None))
    other.start()
    other.join()
    assert not is_locked(tmp_path / "lock")


def test_a_process_holds_its_lock_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"True"
        assert is_locked(path)
        with hold_lock(path) as mine:
            assert not mine
        os.kill(holder.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        holder.wait(timeout=60)
    assert not is_locked(path)


def test_the_locked_file_of_an_older_program_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "import.lock"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE left (n)")
    connection.close()
    before = path.read_bytes()
    assert not is_locked(path)
    with import_lock(tmp_path), pytest.raises(ImportRunningError), import_lock(tmp_path):
        pytest.fail("two imports ran at once")
    if sys.platform != "win32":
        assert path.read_bytes() == before


def test_a_place_that_cannot_be_locked_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be opened"), import_lock(tmp_path / "gone"):
        pytest.fail("a lock in a folder that is not there")
    assert not (tmp_path / "gone").exists()
    (tmp_path / "import.lock").mkdir()
    with pytest.raises(UserError, match="cannot be opened"), import_lock(tmp_path):
        pytest.fail("a folder was locked as a file")
