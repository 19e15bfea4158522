"""One model as a file: exported from a workspace, and imported at another one.

A file holds arrays and JSON only, with the hash of every part; nothing in it is ever run. A model
from elsewhere comes in as a candidate that nobody has judged here, so promoting it needs a written
reason. ``unpack_model_file`` may run in a worker; the session records the command that it returns.
"""

import hashlib
from pathlib import Path

from model.artifacts.bundle import SUFFIX, pack, unpack
from model.artifacts.card import CARD_NAME, ModelFileError, write_json
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.output_files import check_output_file, storable_name
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.models.candidates import ModelFacts, RegisterModel, facts_of
from wbc_desktop.services.models.registry import (
    ModelEntry,
    base_folder,
    base_ref,
    logged_models,
    model_entry,
)
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.model_registry import ModelFolders
from wbc_desktop.store.workspace import Workspace

__all__ = ["SUFFIX", "export_model", "import_model", "unpack_model_file"]


def export_model(workspace: Workspace, model_id: str, file: Path) -> str:
    """Write a model of a workspace as one file, on any thread; an existing file is replaced.

    Args:
        workspace: Only read.
        model_id: The model.
        file: As a rule with ``SUFFIX``.

    Returns:
        The digest of the file, lower-case hex.

    Raises:
        UserError: If there is no such model, it is the shipped one, or the file cannot be written.
    """
    found = model_entry(workspace, model_id)
    if found.ref.shipped:
        raise UserError(
            "This model comes with the program and does not travel",
            model_id,
            "Install the same version of WBC Desktop at the other place.",
        )
    check_output_file(file)
    try:
        pack(ModelFolders(workspace.folder).path(model_id), file, base=base_folder())
        with file.open("rb") as written:
            return hashlib.file_digest(written, "sha256").hexdigest()
    except ModelFileError as error:
        raise UserError(
            "The model cannot be written to a file",
            str(error),
            "Put its folder back from a backup of the workspace.",
        ) from error
    except OSError as error:
        raise UserError(
            "The file could not be written",
            f"{file} ({error.strerror or error})",
            "Check that there is space and that you may write there.",
        ) from error


def import_model(session: Session, file: Path) -> ModelEntry:
    """Take a model out of a file into the workspace; it is not promoted.

    Raises:
        UserError: As ``unpack_model_file``.
    """
    command = unpack_model_file(session.workspace, file, session.taxonomy)
    session.record(command)
    return model_entry(session.workspace, command.facts.ref.model_id)


def unpack_model_file(workspace: Workspace, file: Path, taxonomy: Taxonomy) -> RegisterModel:
    """Put the model of a file into the workspace's folder of models, on any thread.

    A name that another model has here already gets the beginning of its digest added.

    Args:
        workspace: Gets the folder.
        file: Of ``export_model``.
        taxonomy: Its leaves must be the classes of the model.

    Returns:
        The command that records it; unrecorded, the folder is harmless.

    Raises:
        UserError: If the file is no model, is damaged, lies over another shipped model, is here
            already, or the disk refuses.
    """
    folders = ModelFolders(workspace.folder)
    with folders.unpacking() as draft:
        try:
            card = dict(unpack(file, draft, base=base_folder()))
            with file.open("rb") as opened:
                file_sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except ModelFileError as error:
            raise _refused(str(error)) from error
        except OSError as error:
            raise _refused(f"{file} ({error.strerror or error})") from error
        sha256 = _usable(draft, taxonomy).ref.sha256
        name = _free_name(workspace.catalogue, str(card["model_id"]), sha256)
        if name != card["model_id"]:
            card |= {"model_id": name, "made_as": card["model_id"]}
            write_json(draft / CARD_NAME, card)
        facts = facts_of(draft)
        folders.add(name, draft)
    return RegisterModel(facts=facts, file=storable_name(file.name), file_sha256=file_sha256)


def _usable(folder: Path, taxonomy: Taxonomy) -> ModelFacts:
    """Open a model from elsewhere once; what is wrong with it is not for this program to mend."""
    try:
        facts = facts_of(folder)
        open_predictor(taxonomy, folder=folder)
    except UserError as error:
        raise _refused(f"{error.title}: {error.detail}") from error
    return facts


def _free_name(catalogue: Catalogue, name: str, sha256: str) -> str:
    """Return the name that a model from elsewhere gets here.

    Raises:
        UserError: If the workspace has the model already.
    """
    known = {one.ref.sha256: one.ref.model_id for one in logged_models(catalogue).values()}
    if sha256 in known:
        raise UserError("The workspace has this model already", known[sha256])
    started = catalogue.events.of_type(EventType.JOB_STARTED)
    coming = {str(event.payload.get("model")) for event in started}  # theirs when they end
    taken = {*known.values(), *coming, base_ref().model_id}
    return f"{name}@{sha256[:8]}" if name in taken else name


def _refused(why: str) -> UserError:
    return UserError(
        "The file holds no model that can be used here",
        why,
        "Ask for the file again, and for the version of WBC Desktop that wrote it.",
    )
