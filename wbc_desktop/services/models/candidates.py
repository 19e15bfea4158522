"""Candidate models: evaluated, checked and taken into the workspace.

``evaluate_candidate`` and ``check_candidate`` may run in a worker; registering is quick and belongs
to the session's thread. A model's folder is in its place before the event that registers it is
written: a crash in between leaves a folder that nobody knows, and the same registration takes its
place later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.artifacts.card import ModelFileError
from model.artifacts.layered_model import ModelFiles
from model.jobs.job_files import CANDIDATE_FOLDER, JUDGED_FILE
from model.jobs.paired_predictions import PairedPredictions
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.domain.training.model_log import ModelRef
from wbc_desktop.domain.training.paired_evaluation import PairedCells
from wbc_desktop.domain.training.promotion_rule import apply_promotion_rule
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.models.registry import (
    ModelEntry,
    base_folder,
    base_ref,
    logged_models,
    model_entry,
)
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.model_registry import ModelFolders, card_sha256, check_files, read_card

_ANEW = "Start the training again. No label is touched."


def evaluate_candidate(
    job: Path, *, grouped_by: str = "patient", elsewhere: Sequence[str] = ()
) -> Evaluation:
    """Evaluate the candidate of a finished job, on any thread.

    Args:
        job: Folder of the job.
        grouped_by: What its groups are: patient, slide or cell.
        elsewhere: Sites that the model in use has learnt from and the job did not look at.

    Raises:
        UserError: If what it is to be judged by is missing or damaged.
    """
    path = job / JUDGED_FILE
    try:
        read = PairedPredictions.load(path)
        local, base = paired_cells(read)
        return apply_promotion_rule(
            local, base, method=read.method, grouped_by=grouped_by, elsewhere=elsewhere
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UserError(
            "The candidate cannot be judged", f"{path} is missing or damaged ({error})", _ANEW
        ) from error


def check_candidate(job: Path, taxonomy: Taxonomy) -> None:
    """Open the candidate of a finished job once, on any thread, so that a damaged one is refused.

    Args:
        job: Folder of the job.
        taxonomy: Its leaves must be the classes of the candidate.

    Raises:
        UserError: If it cannot be used.
    """
    folder = job / CANDIDATE_FOLDER
    try:
        check_files(folder, read_card(folder))
        open_predictor(taxonomy, folder=folder)
    except UserError as error:
        raise UserError("The candidate cannot be used", error.detail, _ANEW) from error


def register_candidate(
    session: Session, job: Path, evaluation: Evaluation, *, site: str | None = None
) -> ModelEntry:
    """Take the candidate of a finished job into the workspace. Done twice, it is done once.

    Args:
        session: Records it.
        job: Folder of the job; its candidate is copied.
        evaluation: How it was evaluated.
        site: The site it was made for; None for all of them.

    Raises:
        UserError: If it is damaged, the disk refuses, or another model has its name.
    """
    folders, source = ModelFolders(session.workspace.folder), job / CANDIDATE_FOLDER
    facts = facts_of(source)
    known = logged_models(session.workspace.catalogue).get(facts.ref.model_id)
    if known is None:
        folders.add(facts.ref.model_id, source)
    session.record(RegisterModel(facts=facts, job=job.name, site=site or "", evaluation=evaluation))
    return model_entry(session.workspace, facts.ref.model_id)


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What the log keeps of a model that comes into the workspace.

    Attributes:
        ref: Its name and digest.
        kind: adapt or finetune.
        card_sha256: Digest of its card.
        embedding_sha256: Digest of the model whose backbone makes its embeddings.
        parent: The model that was in use when it was made.
        base: The shipped model that it lies over.
        trained_on: From its card.
    """

    ref: ModelRef
    kind: str
    card_sha256: str
    embedding_sha256: str
    parent: Mapping[str, Json]
    base: Mapping[str, Json]
    trained_on: Mapping[str, Json]

    def payload(self) -> dict[str, Json]:
        """Return it as an event carries it."""
        return {
            **self.ref.payload(),
            "kind": self.kind,
            "card_sha256": self.card_sha256,
            "embedding_sha256": self.embedding_sha256,
            "parent": self.parent,
            "base": self.base,
            "trained_on": self.trained_on,
        }


@dataclass(frozen=True, kw_only=True)
class RegisterModel:
    """Record a model whose folder is in its place.

    Attributes:
        facts: The model.
        job: The job that made it; "" for an imported one.
        site: The site it was made for; "" for all of them.
        evaluation: How it was evaluated here, or None.
        file: Name of the file it came from; "" if it was made here.
        file_sha256: Its digest.
    """

    facts: ModelFacts
    job: str = ""
    site: str = ""
    evaluation: Evaluation | None = None
    file: str = ""
    file_sha256: str = ""

    def apply(self, context: Context) -> Changes:
        """Append the event; nothing where the same model is registered already.

        Raises:
            UserError: If another model has the name.
        """
        ref = self.facts.ref
        known = logged_models(context.tx.catalogue).get(ref.model_id)
        if known is not None and known.ref == ref:
            return Changes(Kind.NONE)
        if known is not None or ref.model_id == base_ref().model_id:
            raise UserError(
                "Another model has this name already",
                ref.model_id,
                "Start the training again, which gives the model a name of its own.",
            )
        verb = "Imported" if self.file else "Registered"
        payload: dict[str, Json] = {**self.facts.payload(), "text": f"{verb} {ref.model_id}"}
        if self.file:
            payload |= {"file": self.file, "file_sha256": self.file_sha256}
        else:
            payload |= {"job": self.job, "site": self.site}
        if self.evaluation is not None:
            payload["verdict"] = self.evaluation.payload()
        type_ = EventType.MODEL_IMPORTED if self.file else EventType.MODEL_REGISTERED
        event = context.tx.append_event(context.reader, type_, payload)
        return Changes(Kind.MODELS, (), event.seq, str(payload["text"]))


def facts_of(folder: Path) -> ModelFacts:
    """Return what the log is to keep of a model.

    Args:
        folder: A layered model's folder; it is checked against the hashes in its card.

    Raises:
        UserError: If it is damaged, or was made from another model than the shipped one.
    """
    check_files(folder, read_card(folder))
    try:
        files = ModelFiles.of(folder, base=base_folder())
    except ModelFileError as error:
        raise UserError("The model cannot be used", str(error), _ANEW) from error
    card = files.card
    return ModelFacts(
        ref=ModelRef(str(card["model_id"]), files.model_sha256),
        kind=str(card.get("kind", "")),
        card_sha256=card_sha256(folder),
        embedding_sha256=files.embedding_sha256,
        parent=_logged(card.get("parent")),
        base=_logged(card.get("base")),
        trained_on=_logged(card.get("trained_on")),
    )


def paired_cells(read: PairedPredictions) -> tuple[PairedCells, PairedCells]:
    """Return the cells of the workspace with both predictions, and those of the training sites.

    There the candidate stands beside the model in use, here beside the shipped one.

    Raises:
        ValueError: If the arrays do not fit together.
    """
    local = PairedCells(
        labels=read.labels,
        classes=read.classes,
        sites=read.sites,
        label=read.local_label,
        site=read.local_site,
        group=read.local_group,
        old=read.local_old,
        new=read.local_new,
    )
    base = PairedCells(
        labels=read.labels,
        classes=read.classes,
        sites=read.domains,
        label=read.base_label,
        site=read.base_domain,
        group=np.arange(len(read.base_label), dtype=np.int64),
        old=read.base_shipped,
        new=read.base_new,
    )
    return local, base


def _logged(value: object) -> dict[str, Json]:
    """Return what an event can hold of a part of a card: no floats, no deeper than one table."""
    if not isinstance(value, Mapping):
        return {}
    return {str(key): _plain(one) for key, one in value.items()}


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): one for key, one in value.items() if isinstance(one, int | str)}
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value)
