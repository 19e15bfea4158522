"""The steps of a workspace, newest first, read a page at a time.

An undo or a redo is no step of its own: it says whether the step it is about stands. It is always
newer than that step, so that reading from the newest on knows it before the step comes.
"""

from dataclasses import dataclass

from wbc_desktop.domain.audit.edits import Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.catalogue.event_reads import StoredAct

PAGE = 200
"""Steps read at once."""
SPAN = 5_000
"""Events looked through at once, so that a search that finds little can be given up."""
_OF_CELLS = frozenset(field.value for field in Field if field.of_cells)


@dataclass(frozen=True, kw_only=True)
class Reversion:
    """How a step was taken back.

    Attributes:
        reader: Who did it.
        at: UTC time.
        n_cells: For how many of its cells.
    """

    reader: str
    at: str
    n_cells: int


@dataclass(frozen=True, kw_only=True)
class HistoryStep:
    """One act of a person.

    Attributes:
        seq: Sequence number of its event.
        at: UTC time.
        reader: Who acted.
        text: The act in the user's words.
        n_cells: How many cells it changed.
        reverted: How it was taken back, or None if it stands.
    """

    seq: int
    at: str
    reader: str
    text: str
    n_cells: int
    reverted: Reversion | None

    @property
    def in_part(self) -> bool:
        """True if some of its cells were left as they were when it was taken back."""
        return self.reverted is not None and self.reverted.n_cells < self.n_cells


@dataclass(frozen=True)
class HistoryPage:
    """Some steps.

    Attributes:
        steps: Newest first; may be empty although there are more.
        more: There may be older ones.
    """

    steps: tuple[HistoryStep, ...]
    more: bool


class HistoryReader:
    """Reads the history from its newest step on; used by one thread at a time.

    Args:
        catalogue: Reads of the workspace.
        reader: Only steps of this reader; of all if empty.
        text: Only steps whose text holds all of these words.
    """

    def __init__(self, catalogue: Catalogue, *, reader: str = "", text: str = "") -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._words = tuple(text.split())
        self._before: int | None = None
        self._reversions: dict[int, Reversion | None] = {}

    def next_page(self) -> HistoryPage:
        """Return the next older steps."""
        before = self._catalogue.events.head()[0] + 1 if self._before is None else self._before
        floor = max(0, before - 1 - SPAN)
        acts = self._catalogue.events.acts_before(
            before, after_seq=floor, reader=self._reader, words=self._words, limit=PAGE
        )
        self._before = acts[-1].seq if len(acts) == PAGE else floor + 1
        steps = [step for act in acts if (step := self._step(act)) is not None]
        return HistoryPage(tuple(steps), more=self._before > 1)

    def _step(self, act: StoredAct) -> HistoryStep | None:
        """Return the step an act is; note what it says of an older one."""
        n_cells = act.n if act.field in _OF_CELLS else 0
        this = Reversion(reader=act.reader, at=act.at, n_cells=n_cells)
        type_, target = EventType(act.type), act.target
        if type_ in (EventType.UNDO, EventType.REDO) and target is not None:
            self._reversions.setdefault(target, this if type_ is EventType.UNDO else None)
            return None
        reversion = self._reversions.pop(act.seq, None)
        if type_ is EventType.TAKE_BACK and target is not None and reversion is None:
            self._reversions.setdefault(target, this)
        return HistoryStep(
            seq=act.seq,
            at=act.at,
            reader=act.reader,
            text=act.text,
            n_cells=n_cells,
            reverted=reversion,
        )
