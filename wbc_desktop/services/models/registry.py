"""The models of a workspace: which there are, which one is active, and opening that one.

The model that came with the program stands first and needs no folder in the workspace. What the
others are stands in their cards; that they are what was registered, in the audit log. Whoever
classifies cells of a workspace opens the model here, with ``open_active``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from model.artifacts.card import ModelFileError, model_sha256, read_card
from model.artifacts.layered_model import ModelFiles
from model.inference.predictor import Predictor, find_model
from wbc_desktop import paths
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.domain.training.model_log import (
    LoggedModel,
    ModelRef,
    WrittenReason,
    active_text,
    replay_models,
    written_reasons,
)
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.model_registry import ModelFolders, absent_files, card_sha256, check_files
from wbc_desktop.store.model_registry import read_card as read_stored_card
from wbc_desktop.store.workspace import Workspace

ACTIVE_KEY = "active_model"
"""Of the table ``meta``: the payload of the active model's ``ModelRef``, or nothing."""
SHIPPED_KIND = "shipped"
_PUT_BACK = "Put its folder back from a backup of the workspace, or train a new model."
ROLL_BACK = (
    "Roll back to the model before it (Model > Roll back, or `wbc models rollback`), or put its "
    "folder back from a backup of the workspace."
)


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """One model of a workspace.

    Attributes:
        model_id: Its name.
        sha256: Over the hashes of its files, lower-case hex.
        kind: shipped, adapt or finetune.
        parent: Name of the model that it was judged against; "" where there is none.
        base: Name of the shipped model that it was made from; "" for that one itself.
        made_at: UTC time it was registered; "" for the shipped one.
        job: The job that made it; "" where there is none in this workspace.
        site: The site it was made for; "" for all of them.
        labels: Cells it learnt from here; 0 for the shipped one.
        data_sha256: Digest of the frozen data set it learnt from.
        evaluation: How it was evaluated here, or None where nobody judged it.
        metrics: What its card says of how well it does.
        active: Cells of the workspace are classified by it.
        imported_from: Name of the file it came from; "" if it was made here.
        reason: Why a person promoted it, where one was written; else None.
        problem: What is wrong with its files at a glance; "" if they are there. Whether they are
            as they were, ``verify`` tells.
    """

    model_id: str
    sha256: str
    kind: str
    parent: str = ""
    base: str = ""
    made_at: str = ""
    job: str = ""
    site: str = ""
    labels: int = 0
    data_sha256: str = ""
    evaluation: Evaluation | None = None
    metrics: Mapping[str, object]
    active: bool
    imported_from: str = ""
    reason: WrittenReason | None = None
    problem: str = ""

    @property
    def ref(self) -> ModelRef:
        """Its name and digest."""
        return ModelRef(self.model_id, self.sha256, self.kind == SHIPPED_KIND)


def base_folder() -> Path:
    """Return the folder of the model that came with the program.

    Raises:
        UserError: If it is missing.
    """
    try:
        return find_model(paths.models_dir())
    except (ModelFileError, OSError) as error:
        raise _no_base(error) from error


def base_ref() -> ModelRef:
    """Return the model that came with the program; the network itself is not loaded.

    Raises:
        UserError: If it is missing or its card damaged.
    """
    card = _base_card()
    return ModelRef(str(card["model_id"]), model_sha256(card), shipped=True)


def active_ref(catalogue: Catalogue) -> ModelRef:
    """Return the active model of a workspace, the shipped one where none was promoted.

    Raises:
        UserError: If what the workspace keeps of it is damaged.
    """
    promoted = _promoted(catalogue)
    return base_ref() if promoted is None or promoted.shipped else promoted


def active_folder(workspace: Workspace) -> Path:
    """Return the folder of the active model.

    Raises:
        UserError: If it is damaged or missing; the advice says how to go on.
    """
    ref = active_ref(workspace.catalogue)
    if ref.shipped:
        return base_folder()
    folder = ModelFolders(workspace.folder).path(ref.model_id)
    try:
        card = read_card(folder)
        if model_sha256(card) != ref.sha256:
            raise _unusable(ref, f"{folder} holds another model than the one that was promoted")
    except ModelFileError as error:
        raise _unusable(ref, str(error)) from error
    return folder


def embedding_sha256(workspace: Workspace) -> str:
    """Return the digest of the model whose backbone makes the embeddings of a workspace.

    That is the shipped model where only the head was adapted: its embeddings stay valid.

    Raises:
        UserError: If the active model is damaged or missing.
    """
    folder = active_folder(workspace)
    try:
        return ModelFiles.of(folder, base=base_folder()).embedding_sha256
    except ModelFileError as error:
        raise _unusable(active_ref(workspace.catalogue), str(error)) from error


def open_active(workspace: Workspace, taxonomy: Taxonomy) -> Predictor:
    """Load the active model of a workspace.

    Args:
        workspace: The open workspace; only read.
        taxonomy: Its leaves must be the classes of the model, in the same order.

    Raises:
        UserError: If it is missing, damaged or made for other classes. No other model takes its
            place unasked; the advice says how to go on.
    """
    ref = active_ref(workspace.catalogue)
    folder = active_folder(workspace)
    if ref.shipped:
        return open_predictor(taxonomy)
    return _open_layered(folder, taxonomy, ref=ref)


def open_model(workspace: Workspace, sha256: str, taxonomy: Taxonomy) -> Predictor | None:
    """Load a model of a workspace by its digest, active or not; None if it has no such model.

    Raises:
        UserError: If it is missing, damaged or made for other classes.
    """
    base = base_ref()
    if sha256 == base.sha256:
        return open_predictor(taxonomy)
    for logged in logged_models(workspace.catalogue).values():
        if logged.ref.sha256 == sha256:
            folder = ModelFolders(workspace.folder).path(logged.ref.model_id)
            try:
                return open_predictor(taxonomy, folder=folder)
            except UserError as error:  # its advice is about the program's own model
                raise UserError(error.title, error.detail, _PUT_BACK) from error
    return None


def _open_layered(folder: Path, taxonomy: Taxonomy, *, ref: ModelRef) -> Predictor:
    """Load a model of a workspace, which stands upon the shipped one.

    Args:
        folder: The model's folder.
        taxonomy: As in ``open_active``.
        ref: Its name and digest.

    Raises:
        UserError: If it cannot be used.
    """
    try:
        return open_predictor(taxonomy, folder=folder)
    except UserError as error:
        raise _unusable(ref, error.detail) from error


def model_entries(workspace: Workspace) -> tuple[ModelEntry, ...]:
    """Return the models of a workspace, the shipped one first, then as they came; any thread.

    Raises:
        UserError: If the shipped model is missing, or the audit log cannot be read.
    """
    catalogue, folders = workspace.catalogue, ModelFolders(workspace.folder)
    active = active_ref(catalogue)
    base, card = base_ref(), _base_card()
    shipped = ModelEntry(
        model_id=base.model_id,
        sha256=base.sha256,
        kind=SHIPPED_KIND,
        metrics=_mapping(card.get("metrics")),
        active=active.shipped,
    )
    reasons = written_reasons(catalogue.events.of_type(EventType.MODEL_PROMOTED))
    made = [_entry(one, folders, active=active) for one in logged_models(catalogue).values()]
    return tuple(replace(one, reason=reasons.get(one.model_id)) for one in (shipped, *made))


def model_entry(workspace: Workspace, model_id: str) -> ModelEntry:
    """Return one model of a workspace.

    Raises:
        UserError: If there is none of this name; the message names those that there are.
    """
    known = model_entries(workspace)
    for one in known:
        if one.model_id == model_id:
            return one
    names = ", ".join(one.model_id for one in known)
    raise UserError("There is no such model", model_id, f"The workspace has {names}.")


def logged_models(catalogue: Catalogue) -> dict[str, LoggedModel]:
    """Return what the log says of the models of a workspace, by name, as they came.

    Raises:
        UserError: If the log cannot be read.
    """
    events = [
        event
        for type_ in (EventType.MODEL_REGISTERED, EventType.MODEL_IMPORTED)
        for event in catalogue.events.of_type(type_)
    ]
    try:
        return replay_models(sorted(events, key=lambda event: event.seq))
    except ValueError as error:
        raise UserError(
            "The audit log is damaged", str(error), "Restore the workspace from a backup."
        ) from error


def model_problems(
    catalogue: Catalogue,
    workspace: Path,
    *,
    promoted: tuple[ModelRef, ...],
    models: Mapping[str, LoggedModel],
) -> Iterator[str]:
    """Yield what is wrong with the models of a workspace, for ``wbc verify``.

    The folder of a model that is not active may be deleted to save room; one that is there must be
    the one that the log registered, and the active one must be there.

    Args:
        catalogue: Reads of the workspace.
        workspace: Its folder.
        promoted: What the log says was promoted, the active one last.
        models: What the log says was registered, by name.
    """
    stored = catalogue.meta.get(ACTIVE_KEY) or ""
    if stored != active_text(promoted):
        said = promoted[-1].model_id if promoted else "the model that came with the program"
        yield f"another model is active than the audit log says: it says {said}"
    folders = ModelFolders(workspace)
    active = promoted[-1] if promoted else None
    for model_id, logged in models.items():
        try:
            there = folders.has(model_id)
            if there or logged.ref == active:
                yield from _file_problems(folders.path(model_id), logged)
        except UserError as error:
            yield f"the model {model_id}: {error.detail or error.title}"


def _file_problems(folder: Path, logged: LoggedModel) -> Iterator[str]:
    card = read_stored_card(folder)
    if card_sha256(folder) != logged.card_sha256:
        yield f"the model {logged.ref.model_id}: its card differs from the audit log"
    check_files(folder, card)


def _entry(logged: LoggedModel, folders: ModelFolders, *, active: ModelRef) -> ModelEntry:
    payload, folder = logged.event.payload, folders.path(logged.ref.model_id)
    card: Mapping[str, object] = {}
    try:
        card = read_stored_card(folder)
        problem = ""
        if logged.card_sha256 and card_sha256(folder) != logged.card_sha256:
            problem = "its card was changed since it was registered"
        elif absent := absent_files(folder, card):
            problem = (
                f"{' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing or empty"
            )
    except UserError as error:
        problem = str(error)
    trained = _mapping(card.get("trained_on"))
    return ModelEntry(
        model_id=logged.ref.model_id,
        sha256=logged.ref.sha256,
        kind=str(payload.get("kind", "")),
        parent=_name(payload.get("parent")),
        base=_name(payload.get("base")),
        made_at=logged.event.at,
        job=str(payload.get("job", "")),
        site=str(payload.get("site") or ""),
        labels=_count(trained.get("cells")),
        data_sha256=str(trained.get("data_sha256", "")),
        evaluation=_evaluation(payload.get("verdict")),
        metrics=_mapping(card.get("metrics")),
        active=active == logged.ref,
        imported_from=str(payload.get("file", "")),
        problem=problem,
    )


def _promoted(catalogue: Catalogue) -> ModelRef | None:
    """Return what stands in the workspace; None where the shipped model was never left."""
    text = catalogue.meta.get(ACTIVE_KEY)
    if not text:
        return None
    try:
        return ModelRef.from_payload(json.loads(text))
    except ValueError as error:
        raise UserError(
            "The workspace does not say which model is active",
            "the entry active_model of workspace.wbc is damaged",
            "Run `wbc verify` on the workspace, and restore workspace.wbc from a backup.",
        ) from error


def _base_card() -> Mapping[str, object]:
    try:
        return read_card(base_folder())
    except ModelFileError as error:
        raise _no_base(error) from error


def _no_base(error: Exception) -> UserError:
    return UserError("The model cannot be loaded", str(error), "Install WBC Desktop again.")


def _unusable(ref: ModelRef, why: str) -> UserError:
    return UserError("The active model cannot be used", f"{ref.model_id} ({why})", ROLL_BACK)


def _evaluation(payload: Json) -> Evaluation | None:
    if not isinstance(payload, Mapping):
        return None
    try:
        return Evaluation.from_payload(payload)
    except ValueError:  # of a later version of the program; the list of models still opens
        return None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _name(value: object) -> str:
    return str(_mapping(value).get("model_id", ""))


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
