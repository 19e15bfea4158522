"""The package under test: built, installed, checked, upgraded, removed."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from smoke_desktop import Desktop, SmokeError

NAME = "wbc-desktop"
STEPS = ("render", "import", "classify", "label", "undo", "export", "verify", "adapt")
CELLS = 40
SHARE = Path("/usr/share")


def build_from_a_fresh_clone(root: Path, clone: Path) -> Path:
    """Clone the last commit, build the CPU edition there, return its package.

    Args:
        root: Of the repository.
        clone: A folder to make.
    """
    _run("git", "clone", "--quiet", str(root), str(clone))
    environment = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    environment["UV_PROJECT_ENVIRONMENT"] = str(clone / ".venv")
    command = ["uv", "run", "--group", "packaging", "python", "packaging/build.py"]
    done = subprocess.run(
        command, cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SmokeError(f"the build ended with: {done.stderr.strip().splitlines()[-1:]}")
    found = sorted((clone / "dist" / "cpu").glob("*.deb"))
    if not found:
        raise SmokeError("the build made no .deb")
    return found[0]


def draw_patient(folder: Path) -> None:
    """Draw the crops of one patient on two slides."""
    from model.rendering.renderer import DEMO_MIX, SITES, render_patient

    for number, (_, jpeg) in enumerate(render_patient(SITES["demo"], DEMO_MIX, n=CELLS, seed=11)):
        slide = folder / f"slide {number % 2 + 1}"
        slide.mkdir(parents=True, exist_ok=True)
        (slide / f"{number:03d}.jpg").write_bytes(jpeg)


class Package:
    """The .deb on this computer.

    Args:
        deb: The file.
    """

    def __init__(self, deb: Path) -> None:
        self._deb = deb
        self._files: list[Path] = []

    def install(self) -> str:
        """Install it with what it depends on; return what came of it."""
        if _installed():
            raise SmokeError(f"{NAME} is installed already; remove it first")
        _as_root("apt-get", "install", "-qy", "--no-install-recommends", str(self._deb))
        listed = _run("dpkg-query", "--listfiles", NAME).splitlines()
        self._files = [Path(line) for line in listed if line not in {"/.", "/usr"}]
        size = sum(f.lstat().st_size for f in self._files if f.is_symlink() or f.is_file())
        return f"{len(self._files)} files, {size / 1e6:.0f} MB installed"

    def validate(self) -> None:
        """Hold the desktop entry and the metadata to their specifications."""
        _run("desktop-file-validate", str(SHARE / "applications" / f"{NAME}.desktop"))
        metadata = SHARE / "metainfo" / "org.wbc_desktop.WBCDesktop.metainfo.xml"
        _run("appstreamcli", "validate", "--no-net", str(metadata))
        if f"{NAME}.desktop" not in _run("gio", "mime", "application/x-wbc-workspace"):
            raise SmokeError("workspaces are not opened with the program")
        for size in (16, 32, 48, 128, 256, 512):
            if not (SHARE / f"icons/hicolor/{size}x{size}/apps/{NAME}.png").is_file():
                raise SmokeError(f"there is no icon of {size} pixels")

    def check_self(self, desktop: Desktop) -> str:
        """Run the self-check where nothing but the package is there to help it."""
        home = {"HOME": str(desktop.home), "LANG": "C.UTF-8", "PATH": "/nonexistent"}
        program = "/usr/lib/wbc-desktop/wbc-desktop"
        command = [program, "--self-check"]
        if os.geteuid() == 0:
            # A network namespace of its own is a computer without a network.
            person = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            command = ["unshare", "--net", "--", *person, *command]
        tools = {name: shutil.which(name) or name for name in ("unshare", "setpriv")}
        command = [tools.get(word, word) for word in command]
        if os.geteuid() and os.access("/usr/lib/wbc-desktop", os.W_OK):
            raise SmokeError("the install folder can be written")
        done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        if done.returncode:
            raise SmokeError((lines or done.stderr.splitlines() or ["nothing was said"])[-1])
        steps = tuple(line.split()[0] for line in lines)
        if steps != STEPS:
            raise SmokeError(f"the steps are {', '.join(steps)}")
        return f"{len(steps)} steps"

    def upgrade(self) -> str:
        """Install the same files as a newer version; return the version."""
        with tempfile.TemporaryDirectory() as name:
            tree, newer = Path(name) / "tree", Path(name) / f"{NAME}-newer.deb"
            _run("dpkg-deb", "--raw-extract", str(self._deb), str(tree))
            control = tree / "DEBIAN" / "control"
            lines = control.read_text(encoding="utf-8").splitlines()
            old = next(line for line in lines if line.startswith("Version: "))
            version = f"{old.removeprefix('Version: ')}+newer"
            lines[lines.index(old)] = f"Version: {version}"
            control.write_text("\n".join(lines) + "\n", encoding="utf-8")
            _run("dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(newer))
            Path(name).chmod(0o755)
            _as_root("apt-get", "install", "-qy", "--no-install-recommends", str(newer))
        if f"install ok installed\t{version}" not in _state():
            raise SmokeError(f"the state is {_state()}")
        return version

    def remove(self, *, keep: Path) -> str:
        """Remove it; nothing of it may stay, and everything of the person must.

        Args:
            keep: Home folder of the person.
        """
        before = _listing(keep)
        _as_root("apt-get", "purge", "-qy", NAME)
        left = [str(f) for f in self._files if NAME in f.name and (f.exists() or f.is_symlink())]
        if left or Path("/usr/lib/wbc-desktop").exists():
            raise SmokeError(f"still there: {', '.join(left) or '/usr/lib/wbc-desktop'}")
        gone = before - _listing(keep)
        if gone:
            raise SmokeError(f"{len(gone)} files of the person are gone, such as {min(gone)}")
        return f"nothing of it is left, all {len(before)} files of the person are"


def _installed() -> bool:
    return "install ok installed" in _state()


def _state() -> str:
    command = ["dpkg-query", "-W", "-f=${Status}\t${Version}", NAME]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _listing(folder: Path) -> set[str]:
    """Files of a folder, less those that SQLite keeps beside a file while it is open."""
    return {
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def _as_root(*command: str) -> None:
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [*as_root, *command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()
        raise SmokeError(f"{' '.join(command[:2])}: {' '.join(told[-2:])}")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stdout + done.stderr).strip().splitlines()
        raise SmokeError(f"{command[0]}: {' '.join(told[-3:])}")
    return done.stdout


if __name__ == "__main__":
    sys.exit("Run packaging/smoke.py.")
