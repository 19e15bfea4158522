"""The part of ``wbc verify`` that is about models: which one is active, and what their files are.

The folder of a model that is not active may be deleted to save room; one that is there must be the
one that the log registered, and the active one must be there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.model_log import LoggedModel, ModelRef, active_text
from wbc_desktop.services.models.registry import ACTIVE_KEY
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.model_registry import ModelFolders, card_sha256, check_files, read_card


def wrong_models(
    catalogue: Catalogue,
    workspace: Path,
    *,
    promoted: tuple[ModelRef, ...],
    models: Mapping[str, LoggedModel],
) -> Iterator[str]:
    """Yield what is wrong with the models of a workspace.

    Args:
        catalogue: Reads of the workspace.
        workspace: Its folder.
        promoted: What the log says was promoted, the active one last.
        models: What the log says was registered, by name.
    """
    stored = catalogue.meta(ACTIVE_KEY) or ""
    if stored != active_text(promoted):
        said = promoted[-1].model_id if promoted else "the model that came with the program"
        yield f"another model is active than the audit log says: it says {said}"
    folders = ModelFolders(workspace)
    active = promoted[-1] if promoted else None
    for model_id, logged in models.items():
        try:
            there = folders.has(model_id)
            if there or logged.ref == active:
                yield from _wrong_files(folders.path(model_id), logged)
        except UserError as error:
            yield f"the model {model_id}: {error.detail or error.title}"


def _wrong_files(folder: Path, logged: LoggedModel) -> Iterator[str]:
    card = read_card(folder)
    if card_sha256(folder) != logged.card_sha256:
        yield f"the model {logged.ref.model_id}: its card differs from the audit log"
    check_files(folder, card)
