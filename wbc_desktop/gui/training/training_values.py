"""What the training panel shows, as plain values: the views know no job and no workspace."""

from dataclasses import dataclass, field

from wbc_desktop.domain.taxonomy.classes import CellClass


@dataclass(frozen=True)
class CurvePoint:
    """What the job said at one step.

    Attributes:
        step: Counted from 0 over the whole job.
        loss: What the fit makes small, or None where the step has none.
        macro_f1: Mean of the classes' F1 on cells that are not learned from, 0 … 1, or None.
    """

    step: int
    loss: float | None
    macro_f1: float | None


@dataclass(frozen=True)
class ClassChange:
    """How well one class is told before and after.

    Attributes:
        cell_class: The class.
        n: Cells of it that were judged.
        before: F1 of the present model, 0 … 1.
        after: F1 of the new one.
        counts: It has enough cells to be judged, and so is part of the mean.
    """

    cell_class: CellClass
    n: int
    before: float
    after: float
    counts: bool = True


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measure before and after, in words that are ready to be shown."""

    name: str
    before: str
    after: str
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class VerdictView:
    """The outcome of a job, for people.

    Attributes:
        better: The rule says that the new model may take over.
        title: One line.
        reasons: Sentences, the weightiest first.
        figures: The measures behind them.
        classes: Each class with judged cells.
        heads: What the two columns of figures are.
        plain: It is no verdict but a list of facts.
    """

    better: bool
    title: str
    reasons: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    classes: tuple[ClassChange, ...] = ()
    heads: tuple[str, str] = ("Before", "After")
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A button below the panel.

    Attributes:
        id: One of ``training_buttons.BUTTONS``.
        enabled: It can be pressed now.
        why_not: Why it cannot; its tooltip then.
    """

    id: str
    enabled: bool = True
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class RunView:
    """How far a job has come.

    Attributes:
        title: What runs.
        text: The phase, in words.
        done: Steps done.
        total: All steps; 0 while it is not known.
        paused: It waits until it is told to go on.
        queued: It waits for another one to end.
    """

    title: str
    text: str
    done: int = 0
    total: int = 0
    paused: bool = False
    queued: bool = False


@dataclass(frozen=True)
class Move:
    """Cells whose prediction went from one class to another: names of the classes and how many."""

    before: str
    after: str
    n: int


@dataclass(frozen=True, kw_only=True)
class ChangeReport:
    """What a new classification of the cells without a label has changed.

    Attributes:
        model_id: The model that classified.
        total: Cells classified anew.
        moves: What changed class, the most frequent first.
    """

    model_id: str
    total: int
    moves: tuple[Move, ...] = field(default=())

    @property
    def changed(self) -> int:
        """How many predictions are of another class now."""
        return sum(move.n for move in self.moves)
