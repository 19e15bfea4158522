import subprocess
import sys
from pathlib import Path

import pytest

from wbc_desktop.services.support.crash_reports import KEPT, CrashReports

BEGIN = (
    "import sys, pathlib, faulthandler, os\n"
    "from wbc_desktop.services.support.crash_reports import CrashReports\n"
    "reports = CrashReports(pathlib.Path(sys.argv[1]), about='WBC Desktop 0.1.0')\n"
    "reports.begin()\n"
)


def run_and_die(folder: Path, *, by: str) -> int:
    """Run a program that keeps a report and ends in a way of its own."""
    return subprocess.run(
        [sys.executable, "-c", BEGIN + by, str(folder)],
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    ).returncode


def raised(text: str) -> Exception:
    with pytest.raises(ValueError, match=text) as info:
        raise ValueError(text)
    return info.value


@pytest.fixture
def reports(tmp_path: Path) -> CrashReports:
    return CrashReports(tmp_path, about="WBC Desktop 0.1.0")


def test_a_hard_crash_leaves_a_report_for_the_next_start(
    tmp_path: Path, reports: CrashReports
) -> None:
    assert run_and_die(tmp_path, by="os.abort()") != 0
    (found,) = reports.unseen()
    assert found.fatal
    assert found.text.startswith("WBC Desktop 0.1.0\n")
    assert "Fatal Python error: Aborted" in found.text
    assert str(Path.home()) not in found.text


@pytest.mark.parametrize("by", ["reports.end()", "os._exit(9)", "os.kill(os.getpid(), 9)"])
def test_an_end_without_a_fault_leaves_nothing(
    tmp_path: Path, reports: CrashReports, by: str
) -> None:
    run_and_die(tmp_path, by=by)
    assert reports.unseen() == ()
    assert list(tmp_path.iterdir()) == []


def test_an_uncaught_error_is_kept_once_and_without_its_words(tmp_path: Path) -> None:
    run = CrashReports(tmp_path, about="WBC Desktop")
    run.begin()
    for _ in range(3):
        run.add(raised("cell of P-0192"))
    run.end()
    (found,) = CrashReports(tmp_path, about="").unseen()
    assert not found.fatal
    assert "P-0192" not in found.file.read_text(encoding="utf-8")
    assert found.text.count("ValueError\n") == 1


def test_the_report_of_a_program_that_runs_is_left_alone(
    tmp_path: Path, reports: CrashReports
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", f"{BEGIN}print('ready', flush=True); input()", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        reports.begin()
        assert reports.unseen() == ()
        assert len(list(tmp_path.iterdir())) == 2
        reports.end()
        program.kill()


def test_a_dismissed_report_is_kept_but_not_offered_again(
    tmp_path: Path, reports: CrashReports
) -> None:
    run_and_die(tmp_path, by="os.abort()")
    reports.dismiss()
    assert reports.unseen() == ()
    assert len(reports.all()) == 1


def test_old_reports_do_not_pile_up(tmp_path: Path, reports: CrashReports) -> None:
    for n in range(KEPT + 5):
        name = f"2026-11-{n + 1:02d}_10-00-00_77.crash.txt"
        (tmp_path / name).write_text(f"head\n{'-' * 40}\nValueError\n", encoding="utf-8")
    reports.dismiss()
    kept = reports.all()
    assert len(kept) == KEPT
    assert kept[0].began.day == KEPT + 5


def test_a_folder_that_cannot_be_made_is_no_hindrance(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    run = CrashReports(blocked / "crashes", about="")
    run.begin()
    run.add(raised("x"))
    run.end()
    assert run.unseen() == ()


def test_a_foreign_file_is_left_alone(tmp_path: Path, reports: CrashReports) -> None:
    (tmp_path / "notes.crash.txt").write_text("mine", encoding="utf-8")
    assert reports.unseen() == ()
    assert (tmp_path / "notes.crash.txt").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of a file there")
def test_a_full_disk_keeps_no_program_from_starting(tmp_path: Path) -> None:
    full = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    begun = full + BEGIN + "reports.add(ValueError())\nreports.end()\nos._exit(7)\n"
    assert subprocess.run([sys.executable, "-c", begun, str(tmp_path)], check=False).returncode == 7
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit for the size of a file there")
def test_a_disk_that_fills_up_later_does_not_matter_at_the_end(tmp_path: Path) -> None:
    full = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    ended = BEGIN + full + "reports.add(ValueError())\nreports.end()\nos._exit(7)\n"
    assert subprocess.run([sys.executable, "-c", ended, str(tmp_path)], check=False).returncode == 7
