"""The folders of a workspace's models: each whole, or not there at all.

A folder is copied under a temporary name, flushed and renamed into place; what a crash left under
such a name is removed by a copy on a later day. Nothing in here is ever run: a model is a card
(JSON) and arrays (safetensors), and files of any other kind are refused.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wbc_desktop.atomic_write import put_in_place, sync_folder
from wbc_desktop.domain.errors import UserError

FOLDER = "models"
CARD = "card.json"
SUFFIXES = (".safetensors", ".json")
MAX_CARD_BYTES = 4_000_000
_DRAFT = ".new-"
_ABANDONED = 24 * 3600  # seconds; a younger one may be another program's, at work
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,119}")


class ModelFolders:
    """The models of one workspace, by name.

    Args:
        workspace: Folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / FOLDER

    def path(self, model_id: str) -> Path:
        """Return the folder of a model, whether or not it is there.

        Raises:
            UserError: If this is no name of a model.
        """
        if not _NAME.fullmatch(model_id) or model_id.endswith("."):
            raise UserError(
                "This is no name of a model", repr(model_id), "List the models to see their names."
            )
        return self.folder / model_id

    def has(self, model_id: str) -> bool:
        """Tell whether the folder of a model is there."""
        return (self.path(model_id) / CARD).is_file()

    def add(self, model_id: str, source: Path) -> Path:
        """Copy a model folder into the workspace; one of the same name is replaced.

        Args:
            model_id: Its name from now on.
            source: Folder with a card and the files it names; nothing else in it is taken.

        Returns:
            Its folder in the workspace.

        Raises:
            UserError: If the source is damaged, or the disk refuses.
        """
        place = self.path(model_id)
        names = (CARD, *check_files(source, read_card(source)))
        with self._draft(place) as draft:
            for name in names:
                _copy(source / name, draft / name)
        return place

    def remove(self, model_id: str) -> None:
        """Delete the folder of a model; one that is not there is no error."""
        shutil.rmtree(self.path(model_id), ignore_errors=True)

    @contextmanager
    def unpacking(self) -> Iterator[Path]:
        """Yield a folder beside the models that is gone afterwards."""
        with _explained(self.folder):
            draft = self._new_draft()
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def _draft(self, place: Path) -> Iterator[Path]:
        with self.unpacking() as draft, _explained(place):
            yield draft
            if place.exists():
                old = place.with_name(f"{_DRAFT}{secrets.token_hex(8)}")
                place.rename(old)
                shutil.rmtree(old, ignore_errors=True)
            sync_folder(draft)
            put_in_place(draft, place)

    def _new_draft(self) -> Path:
        self.folder.mkdir(exist_ok=True)
        for left in self.folder.glob(f"{_DRAFT}*"):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        draft = self.folder / f"{_DRAFT}{secrets.token_hex(8)}"
        draft.mkdir()
        return draft


def read_card(folder: Path) -> Mapping[str, object]:
    """Return the card of a model folder.

    Raises:
        UserError: If it is missing or no card.
    """
    path = folder / CARD
    try:
        with path.open("rb") as file:
            card = json.loads(file.read(MAX_CARD_BYTES))
    except FileNotFoundError as error:
        raise UserError("The model is missing", str(folder), _RESTORE) from error
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            "The model is damaged", f"{path}: its card cannot be read", _RESTORE
        ) from error
    if not isinstance(card, dict) or not isinstance(card.get("files"), dict):
        raise UserError("The model is damaged", f"{path} is no card of a model", _RESTORE)
    return card


def card_sha256(folder: Path) -> str:
    """Return the digest of a model's card, lower-case hex; "" if it cannot be read."""
    try:
        return hashlib.sha256((folder / CARD).read_bytes()).hexdigest()
    except OSError:
        return ""


def absent_files(folder: Path, card: Mapping[str, object]) -> tuple[str, ...]:
    """Return the files of a model that are not there, or empty; they are not read, so it is quick.

    Args:
        folder: Of the model.
        card: Its card; the names in it are those of files beside it.
    """
    stated = card["files"]
    names = [str(name) for name in stated] if isinstance(stated, dict) else []
    return tuple(name for name in names if not _holds(folder / name))


def _holds(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except (OSError, ValueError):  # no name that a file can have
        return False


def check_files(folder: Path, card: Mapping[str, object]) -> tuple[str, ...]:
    """Check the files of a model against the hashes in its card.

    Returns:
        Their names.

    Raises:
        UserError: If one is missing, differs, or is of a kind that no model has.
    """
    stated = card["files"]
    files = stated if isinstance(stated, dict) else {}
    for name, sha256 in files.items():
        plain = isinstance(name, str) and Path(name).name == name and not name.startswith(".")
        if not plain or not str(name).endswith(SUFFIXES) or name == CARD:
            raise UserError(
                "The model holds a file of a kind that no model has",
                f"{folder}: {name!r}",
                "Only arrays (safetensors) and JSON are taken. Ask where the model comes from.",
            )
        if not (folder / name).is_file():
            raise UserError("The model is damaged", f"{folder / name} is missing", _RESTORE)
        with _explained(folder), (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise UserError(
                    "The model is damaged",
                    f"{folder / name} is not the file that its card describes",
                    _RESTORE,
                )
    return tuple(files)


_RESTORE = (
    "Roll back to the model before it, or put the folder back from a backup of the workspace."
)


def _copy(source: Path, place: Path) -> None:
    with source.open("rb") as read, place.open("xb") as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            "The model could not be stored or read",
            f"{place} ({error.strerror or error})",
            "Check that there is space and that you may write into the workspace.",
        ) from error
