"""Which model a workspace works with, rebuilt from the events alone.

Promotions stand on one another: rolling back takes the last one away. Below all of them is the
model that came with the program, which has no folder in the workspace. To record one more fact of
a promotion, add it to the payload of its event; what counts here is the model it names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wbc_desktop.domain.audit.events import Event, EventType, Json, canonical
from wbc_desktop.domain.training.evaluation import Outcome


@dataclass(frozen=True)
class ModelRef:
    """A model by name and digest.

    Attributes:
        model_id: Its name.
        sha256: Over the hashes of its files, lower-case hex.
        shipped: It is the one that came with the program.
    """

    model_id: str
    sha256: str
    shipped: bool = False

    def payload(self) -> dict[str, Json]:
        """Return it as events carry it."""
        return {
            "model": self.model_id,
            "model_sha256": self.sha256,
            "shipped": self.shipped,
        }

    @classmethod
    def from_payload(cls, payload: object) -> "ModelRef":
        """Read one from an event.

        Raises:
            ValueError: If it is none.
        """
        if not isinstance(payload, Mapping):
            raise ValueError("no model")  # noqa: TRY004  # the caller tells damage by ValueError
        names = payload.get("model"), payload.get("model_sha256")
        if not all(isinstance(name, str) and name for name in names):
            raise ValueError("no model")
        return cls(str(names[0]), str(names[1]), payload.get("shipped") is True)


def active_text(promoted: tuple[ModelRef, ...]) -> str:
    """Return what the workspace keeps of the promoted models: the last of them, or nothing.

    Args:
        promoted: Oldest first.
    """
    return canonical(promoted[-1].payload()) if promoted else ""


def replay_promotions(events: Iterable[Event]) -> tuple[ModelRef, ...]:
    """Return the promoted models that stand, the active one last; none: the shipped model.

    Args:
        events: In order of their sequence numbers; types that promote nothing are skipped.

    Raises:
        ValueError: If an event does not name its model, or rolls back what was not promoted.
    """
    promoted: list[ModelRef] = []
    for event in events:
        if event.type is EventType.MODEL_PROMOTED:
            promoted.append(_named(event))
        elif event.type is EventType.MODEL_ROLLED_BACK:
            if not promoted:
                raise ValueError(f"event {event.seq}: it rolls back what was not promoted")
            promoted.pop()
            if promoted and promoted[-1] != _named(event):
                raise ValueError(f"event {event.seq}: it rolls back to another model")
    return tuple(promoted)


@dataclass(frozen=True, kw_only=True)
class LoggedModel:
    """What the log says of a model that the workspace holds.

    Attributes:
        ref: The model.
        card_sha256: Digest of its card, lower-case hex.
        imported: It came from a file, not from a job of this workspace.
        event: The event that registered it.
    """

    ref: ModelRef
    card_sha256: str
    imported: bool
    event: Event

    @property
    def outcome(self) -> str | None:
        """What the rule said of it, a ``verdict.Outcome``; None where nobody judged it here."""
        verdict = self.event.payload.get("verdict")
        said = verdict.get("outcome") if isinstance(verdict, Mapping) else None
        return None if said is None else str(said)

    @property
    def parent(self) -> str:
        """Name of the model that it was judged against."""
        parent = self.event.payload.get("parent")
        return str(parent.get("model_id", "")) if isinstance(parent, Mapping) else ""


@dataclass(frozen=True)
class WrittenReason:
    """Why a person promoted a model.

    Attributes:
        text: In their words.
        reader: Who.
        at: UTC time.
    """

    text: str
    reader: str
    at: str


def written_reasons(events: Iterable[Event]) -> dict[str, WrittenReason]:
    """Return why models were promoted, by name, where a reason was written; the last one counts.

    Args:
        events: In order of their sequence numbers; types that promote nothing are skipped.
    """
    found: dict[str, WrittenReason] = {}
    for event in events:
        text = str(event.payload.get("reason") or "")
        if event.type is EventType.MODEL_PROMOTED and text:
            found[str(event.payload.get("model", ""))] = WrittenReason(text, event.reader, event.at)
    return found


def why_reason(outcome: str | None, *, parent: str, active: str) -> str:
    """Say why a person must write a reason to promote a model; "" if the rule speaks for it.

    Args:
        outcome: What the rule said, or None where nobody judged it here.
        parent: Name of the model that it was judged against.
        active: Name of the model in use now.
    """
    if outcome is None:
        return "it was not judged on cells of this workspace"
    if outcome != Outcome.BETTER:
        return "it was judged not better"
    if parent != active:
        return f"it was judged against {parent}, and {active} is in use now"
    return ""


def replay_models(events: Iterable[Event]) -> dict[str, LoggedModel]:
    """Return the models of a workspace by their names, in the order in which they came.

    Args:
        events: In order of their sequence numbers; types that bring no model are skipped.

    Raises:
        ValueError: If an event does not name its model.
    """
    found: dict[str, LoggedModel] = {}
    for event in events:
        if event.type in (EventType.MODEL_REGISTERED, EventType.MODEL_IMPORTED):
            ref = _named(event)
            found[ref.model_id] = LoggedModel(
                ref=ref,
                card_sha256=str(event.payload.get("card_sha256", "")),
                imported=event.type is EventType.MODEL_IMPORTED,
                event=event,
            )
    return found


def _named(event: Event) -> ModelRef:
    try:
        return ModelRef.from_payload(event.payload)
    except ValueError as error:
        raise ValueError(f"event {event.seq}: it names no model") from error
