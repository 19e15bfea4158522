"""The workspace that nobody has to choose: where cells go that are imported while none is open."""

from pathlib import Path

from wbc_desktop import paths
from wbc_desktop.settings import Settings

SETTING = "workspace_folder"


def usual_workspace(settings: Settings) -> Path:
    """Return its folder: the one set, else the platform's place for documents."""
    named = settings.text(SETTING).strip()
    return expanded(named) if named else paths.default_workspace()


def expanded(text: str) -> Path:
    """Return the folder a text names: ``~`` and a name without a place are in the home folder."""
    try:
        path = Path(text).expanduser()
        return path if path.is_absolute() else Path.home() / path
    except RuntimeError:  # "~nobody", or an account without a home
        return Path(text).absolute()
