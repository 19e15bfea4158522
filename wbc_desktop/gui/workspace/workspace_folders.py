"""What a workspace is called for people, and which one takes cells while none is open."""

from pathlib import Path

from wbc_desktop import paths
from wbc_desktop.settings import Settings

SETTING = "workspace_folder"
_UNTOLD_NAME = "workspace"  # of a folder; the one above it says more


def default_workspace(settings: Settings) -> Path:
    """Return the folder of the workspace for cells that are imported while none is open.

    It is the one set, else one in the platform's folder for documents.
    """
    named = settings.text(SETTING).strip()
    return expand_path(named) if named else paths.default_workspace()


def expand_path(text: str) -> Path:
    """Return the folder a text names: ``~`` and a name alone are in the home folder."""
    try:
        path = Path(text).expanduser()
        return path if path.is_absolute() else Path.home() / path
    except RuntimeError:  # "~nobody", or an account without a home
        return Path(text).absolute()


def short_name(folder: Path) -> str:
    """Return the name of the folder; one that is just called so takes that of the folder above."""
    home = folder.parent if folder.name == _UNTOLD_NAME else folder
    return home.name or str(folder)


def workspace_name(folder: str) -> str:
    """Return name and folder in one line, with ``~`` for the home folder."""
    path = Path(folder)
    return f"{short_name(path)}  –  {with_tilde(path.parent)}"


def with_tilde(path: Path) -> str:
    """Return a path with ``~`` for the home folder."""
    try:
        below = path.relative_to(Path.home())
    except (ValueError, RuntimeError):  # elsewhere, or an account without a home
        return str(path)
    return str(Path("~") / below)
