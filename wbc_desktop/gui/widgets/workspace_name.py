"""What a workspace is called for people: its folder's name, and where it lies."""

from pathlib import Path

_JUST_CALLED_SO = "workspace"


def short_name(folder: Path) -> str:
    """Return the name of the folder; one that is just called so takes that of the folder above."""
    home = folder.parent if folder.name == _JUST_CALLED_SO else folder
    return home.name or str(folder)


def workspace_name(folder: str) -> str:
    """Return name and place in one line, with ``~`` for the home folder."""
    path = Path(folder)
    return f"{short_name(path)}  –  {with_tilde(path.parent)}"


def with_tilde(path: Path) -> str:
    """Return a path with ``~`` for the home folder."""
    try:
        below = path.relative_to(Path.home())
    except (ValueError, RuntimeError):  # elsewhere, or an account without a home
        return str(path)
    return str(Path("~") / below)
