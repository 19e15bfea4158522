"""The acceptance of an installed program, a line for each step: ``packaging/smoke.py``.

    uv run --group packaging python packaging/smoke.py [--patient FOLDER] [--pictures FOLDER]

Clones this repository, builds in the clone, installs the .deb, starts the program from its desktop
entry on a screen of its own and does the main job with keys and mouse; then removes it. Needs a
Debian or one of its children, root or sudo, and openbox, xdotool, xvfb, desktop-file-utils,
appstream, libglib2.0-bin. It installs and removes the package wbc-desktop on this computer.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from smoke_desktop import Desktop, SmokeError
from smoke_job import MainJob
from smoke_package import Package, build_from_a_fresh_clone, draw_patient

ROOT = Path(__file__).resolve().parent.parent
SIZE = "1366x768"


def main() -> int:
    """Run every step; the first that fails ends it.

    Returns:
        0 if all succeeded, else 1.
    """
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="wbc smoke ü ") as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            _run(given, folder)
        except SmokeError:
            return 1
    print("All steps succeeded.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deb", type=Path, help="do not build: take this package")
    parser.add_argument(
        "--patient", type=Path, help="folder of crops to import; by default rendered cells"
    )
    parser.add_argument("--pictures", type=Path, default=ROOT / "build" / "smoke")
    return parser.parse_args()


def _run(given: argparse.Namespace, folder: Path) -> None:
    deb = given.deb
    if deb is None:
        with step("build from a fresh clone") as said:
            deb = build_from_a_fresh_clone(ROOT, folder / "clone")
            said(f"{deb.name}, {deb.stat().st_size / 1e6:.0f} MB")
    package = Package(deb.absolute())
    home = folder / "J. Müller ß"
    patient = _patient(given.patient, home)
    shutil.rmtree(given.pictures, ignore_errors=True)
    with step("install") as said:
        said(package.install())
    try:
        with step("desktop entry, type and metadata are valid"):
            package.validate()
        with Desktop(home, pictures=given.pictures, size=SIZE) as desktop:
            _work(package, desktop, patient)
    finally:
        with step("remove") as said:
            said(package.remove(keep=home))


def _work(package: Package, desktop: Desktop, patient: Path) -> None:
    with step("self-check: no network, no Python, install folder read-only") as said:
        said(package.check_self(desktop))
    job = MainJob(desktop, patient, size=SIZE)
    for name, act in job.steps:
        with step(name) as said:
            said(act())
    with step("upgrade to a newer version") as said:
        said(package.upgrade())
    with step("the workspace opens after the upgrade") as said:
        said(job.open_again())
        job.close()


def _patient(named: Path | None, home: Path) -> Path:
    """Give the person a folder of crops of one patient."""
    patient = home / "Pictures" / "P 0192"
    if named is None:
        draw_patient(patient)
    else:
        shutil.copytree(named, patient)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "65534:65534", str(home)], check=True)
    return patient


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Print one line for a step: its name, how long it took, what it says of itself."""
    told: list[str] = []
    started = time.monotonic()
    try:
        yield told.append
    except SmokeError as error:
        print(f"FAILED  {name}: {error}", flush=True)
        raise
    print(f"ok  {time.monotonic() - started:6.1f} s  {name}: {' '.join(told) or 'yes'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
