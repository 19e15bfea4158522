"""Two models of a workspace side by side, as far as their cards and evaluations tell.

Nothing is computed anew. Figures of two trainings rest on different cells as a rule; where they
do, the comparison says so. To compare one more fact, add a line to ``_FACTS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wbc_desktop.domain.training.evaluation import Evaluation
from wbc_desktop.services.models.registry import SHIPPED_KIND, ModelEntry, model_entry
from wbc_desktop.store.workspace import Workspace

NOTHING = "–"
_KINDS = {
    SHIPPED_KIND: "came with the program",
    "adapt": "last layer adapted",
    "finetune": "whole network fine-tuned",
}


@dataclass(frozen=True)
class ComparedFact:
    """One fact of both models.

    Attributes:
        name: What it is, for people.
        a: Of the first model.
        b: Of the second model.
    """

    name: str
    a: str
    b: str

    @property
    def differs(self) -> bool:
        """True if the two are not alike in it."""
        return self.a != self.b


@dataclass(frozen=True)
class ComparedClass:
    """One class, by how both models were judged.

    Attributes:
        label: Class id.
        a: Cells and F1 of the first model, or None where it was not judged on the class.
        b: Of the second model.
    """

    label: str
    a: tuple[int, float] | None
    b: tuple[int, float] | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models side by side.

    Attributes:
        a: The first.
        b: The second.
        facts: What is known of both.
        classes: The classes that either was judged on, in the order of the evaluations.
        caution: What to bear in mind; "" if there is nothing.
    """

    a: ModelEntry
    b: ModelEntry
    facts: tuple[ComparedFact, ...]
    classes: tuple[ComparedClass, ...]
    caution: str


def compare(workspace: Workspace, a: str, b: str) -> Comparison:
    """Put two models of a workspace side by side; any thread.

    Args:
        workspace: Only read.
        a: Name of the first.
        b: Name of the second.

    Raises:
        UserError: If one of them is not there.
    """
    first, second = model_entry(workspace, a), model_entry(workspace, b)
    facts = tuple(ComparedFact(name, fact(first), fact(second)) for name, fact in _FACTS)
    scores = [_scores(first, second), _scores(second, first)]
    labels = dict.fromkeys([*scores[0], *scores[1]])
    return Comparison(
        a=first,
        b=second,
        facts=facts,
        classes=tuple(
            ComparedClass(label, scores[0].get(label), scores[1].get(label)) for label in labels
        ),
        caution=_caution(first, second),
    )


def _scores(one: ModelEntry, other: ModelEntry) -> dict[str, tuple[int, float]]:
    """Return cells and F1 by class: where the other was judged against it, on the same cells."""
    if other.evaluation is not None and _against(one, other):
        return {row.label: (row.n, row.old) for row in other.evaluation.rows}
    return (
        {}
        if one.evaluation is None
        else {row.label: (row.n, row.new) for row in one.evaluation.rows}
    )


def _against(parent: ModelEntry, child: ModelEntry) -> bool:
    """Tell whether a model was judged here against another one."""
    return (
        child.evaluation is not None
        and child.parent == parent.model_id
        and child.model_id != parent.model_id
    )


def _caution(a: ModelEntry, b: ModelEntry) -> str:
    if a.model_id == b.model_id:
        return "This is the same model twice."
    if _against(a, b) or _against(b, a):
        return ""
    if a.evaluation is None or b.evaluation is None:
        unjudged = a if a.evaluation is None else b
        return f"{unjudged.model_id} was not judged on cells of this workspace."
    if a.data_sha256 != b.data_sha256:
        return "The two were judged on different cells, so small differences mean nothing."
    return ""


def _of_evaluation(said: Callable[[Evaluation], str]) -> Callable[[ModelEntry], str]:
    return lambda one: NOTHING if one.evaluation is None else said(one.evaluation)


_FACTS: tuple[tuple[str, Callable[[ModelEntry], str]], ...] = (
    ("In use", lambda one: "yes" if one.active else "no"),
    ("Kind", lambda one: _KINDS.get(one.kind, one.kind)),
    ("Made", lambda one: one.made_at[:16].replace("T", " ") or NOTHING),
    ("Site", lambda one: one.site or ("all" if one.made_at else NOTHING)),
    ("Labels learnt from", lambda one: f"{one.labels:,}" if one.labels else NOTHING),
    ("Judged against", lambda one: one.parent or NOTHING),
    ("Verdict", _of_evaluation(lambda said: said.headline)),
    ("Judged on cells", _of_evaluation(lambda said: f"{said.n:,}")),
    ("Macro-F1 there", _of_evaluation(lambda said: f"{said.macro_new:.3f}")),
    ("Macro-F1 of the model before", _of_evaluation(lambda said: f"{said.macro_old:.3f}")),
    (
        "Lost on the training sites",
        _of_evaluation(lambda said: f"{100 * said.forgetting:.1f} points"),
    ),
    ("Calibration error", _of_evaluation(lambda said: f"{said.ece_new:.3f}")),
    ("Imported from", lambda one: one.imported_from or NOTHING),
    ("Made from", lambda one: one.base or NOTHING),
    ("sha256", lambda one: one.sha256[:16]),
    ("Problem", lambda one: one.problem or NOTHING),
)
