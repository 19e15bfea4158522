"""What the training panel shows, as plain values: the views know no job and no workspace."""

from dataclasses import dataclass

from wbc_desktop.domain.taxonomy.classes import CellClass


@dataclass(frozen=True)
class CurvePoint:
    """What the job said at one step, counted from 0 over the whole job; None: no such figure.

    ``macro_f1`` (0 … 1) is of cells that are not learned from.
    """

    step: int
    loss: float | None
    macro_f1: float | None


@dataclass(frozen=True)
class ClassChange:
    """How well one class is told before and after.

    Attributes:
        n: Cells of it that both models were evaluated on.
        before: F1 of the present model, 0 … 1.
        after: F1 of the new one.
        counts: It has enough cells to be part of the mean.
    """

    cell_class: CellClass
    n: int
    before: float
    after: float
    counts: bool = True


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One measure before and after, in words that are ready to be shown."""

    name: str
    before: str
    after: str
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class EvaluationView:
    """How a new model compares with the present one, for people.

    Attributes:
        better: The rule says that the new model may take over.
        title: One line.
        reasons: Sentences, the weightiest first.
        heads: What the two columns of metrics are.
        plain: It says nothing for or against a model but lists facts.
    """

    better: bool
    title: str
    reasons: tuple[str, ...]
    metrics: tuple[Metric, ...] = ()
    classes: tuple[ClassChange, ...] = ()
    heads: tuple[str, str] = ("Before", "After")
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class PanelButton:
    """A button below the panel: its id in ``training_panel.BUTTONS``, and why it is disabled."""

    id: str
    enabled: bool = True
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class ProgressView:
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
class PredictionChange:
    """Cells whose prediction went from one class to another: names of the classes and how many."""

    before: str
    after: str
    n: int


@dataclass(frozen=True, kw_only=True)
class ReclassificationView:
    """What a new classification of the cells without a label has changed.

    Attributes:
        model_id: The model that classified.
        total: Cells classified anew.
        changes: What changed class, the most frequent first.
    """

    model_id: str
    total: int
    changes: tuple[PredictionChange, ...] = ()

    @property
    def changed(self) -> int:
        """How many predictions are of another class now."""
        return sum(change.n for change in self.changes)
