"""Promoting a model, and rolling back.

Both are quick and belong to the session's thread. Whoever promotes or rolls back classifies the
unreviewed cells again afterwards: ``reclassify``. Human labels are never touched.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType, Json
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.training.model_log import (
    LoggedModel,
    ModelRef,
    active_text,
    replay_promotions,
    why_reason,
)
from wbc_desktop.domain.wording import plain_text
from wbc_desktop.services.models.registry import (
    ACTIVE_KEY,
    ModelEntry,
    active_ref,
    base_ref,
    logged_models,
    model_entry,
)
from wbc_desktop.services.session.commands import Context
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.model_registry import ModelFolders, check_files, read_card

MAX_REASON = 2000


def promote(session: Session, model_id: str, reason: str = "") -> Changes:
    """Make a model the active one, after a look at its files.

    Args:
        session: Records it.
        model_id: The model, the shipped one included.
        reason: Why, in a person's words; needed where the rule does not speak for it.

    Raises:
        UserError: If it is unknown, damaged or active already, or if a reason is missing.
    """
    found = model_entry(session.workspace, model_id)
    if not found.ref.shipped:
        folder = ModelFolders(session.workspace.folder).path(model_id)
        check_files(folder, read_card(folder))
        if found.problem:
            raise UserError(
                "The model cannot be promoted",
                f"{model_id}: {found.problem}",
                "Put its folder back from a backup, or train a new model.",
            )
    return session.record(Promote(model_id, reason))


@dataclass(frozen=True)
class Promote:
    """Make a model the active one; ``promote`` looks at its files first.

    Attributes:
        model_id: The model.
        reason: Why, in a person's words.
    """

    model_id: str
    reason: str = ""

    def apply(self, context: Context) -> Changes:
        """Write which model is active, and record it.

        Raises:
            UserError: As for ``promote``.
        """
        catalogue = context.tx.catalogue
        active, shipped = active_ref(catalogue), base_ref()
        known = logged_models(catalogue).get(self.model_id)
        if known is None and self.model_id != shipped.model_id:
            raise UserError("There is no such model", self.model_id, "List the models.")
        ref = shipped if known is None else known.ref
        if ref == active:
            raise UserError("This model is active already", self.model_id)
        reason = plain_text(self.reason, what="The reason")[:MAX_REASON]
        if not reason and known is not None and (why := _why(known, active)):
            raise UserError(
                "The model needs a written reason to be promoted",
                f"{self.model_id}: {why}",
                "Write why you promote it all the same; the reason goes into the audit log.",
            )
        payload: dict[str, Json] = {
            **ref.payload(),
            "before": active.payload(),
            "outcome": None if known is None else known.outcome,
            "reason": reason,
            "text": f"Promoted {self.model_id}",
        }
        event = context.tx.append_event(context.reader, EventType.MODEL_PROMOTED, payload)
        context.tx.set_meta(ACTIVE_KEY, active_text(promotions(catalogue)))
        return Changes(Kind.MODELS, (), event.seq, str(payload["text"]))


@dataclass(frozen=True)
class RollBack:
    """Go back to the model that was active before the last promotion."""

    def apply(self, context: Context) -> Changes:
        """Write which model is active, and record it.

        Raises:
            UserError: If no promotion stands.
        """
        catalogue = context.tx.catalogue
        promoted = promotions(catalogue)
        if not promoted:
            raise UserError(
                "There is no earlier model to roll back to",
                base_ref().model_id,
                "The model that came with the program is in use.",
            )
        ref = promoted[-2] if len(promoted) > 1 else base_ref()
        text = f"Rolled back from {promoted[-1].model_id} to {ref.model_id}"
        payload: dict[str, Json] = {
            **ref.payload(),
            "before": promoted[-1].payload(),
            "text": text,
        }
        event = context.tx.append_event(context.reader, EventType.MODEL_ROLLED_BACK, payload)
        context.tx.set_meta(ACTIVE_KEY, active_text(promotions(catalogue)))
        return Changes(Kind.MODELS, (), event.seq, text)


def promotions(catalogue: Catalogue) -> tuple[ModelRef, ...]:
    """Return the promoted models that stand, the active one last.

    Raises:
        UserError: If the log cannot be read.
    """
    types = (EventType.MODEL_PROMOTED, EventType.MODEL_ROLLED_BACK)
    events = [event for type_ in types for event in catalogue.events.of_type(type_)]
    try:
        return replay_promotions(sorted(events, key=lambda event: event.seq))
    except ValueError as error:
        raise UserError(
            "The audit log is damaged", str(error), "Restore the workspace from a backup."
        ) from error


def reason_needed(found: ModelEntry, active: ModelRef) -> str:
    """Say why a person must write a reason to promote a model; "" if the rule speaks for it.

    Args:
        found: The model.
        active: The model in use now.
    """
    if found.ref.shipped:
        return ""
    outcome = None if found.evaluation is None else found.evaluation.outcome
    return why_reason(outcome, parent=found.parent, active=active.model_id)


def _why(known: LoggedModel, active: ModelRef) -> str:
    return why_reason(known.outcome, parent=known.parent, active=active.model_id)
