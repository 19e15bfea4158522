"""Names of what lies in a workspace's folder. Another file of the workspace is named here."""

from pathlib import Path

FILE_NAME = "workspace.wbc"
CROPS_NAME = "crops.db"
FOLDERS = ("models", "jobs", "embeddings")


def folder_of(path: Path) -> Path:
    """Return the folder of a workspace that is named by its folder or by its file."""
    return path.parent if path.name == FILE_NAME else path
