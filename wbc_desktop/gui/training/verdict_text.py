"""Turns a verdict into what the training panel and the list of models show."""

from typing import TYPE_CHECKING

from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.promotion_rule import SCORED_CELLS, counting_labels
from wbc_desktop.domain.training.verdict import SiteRow, Verdict
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.training.training_values import ClassChange, Figure, VerdictView

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.models.comparison import Comparison

_MACRO = (
    "Mean of the classes' F1: 1 is every cell right, and rare classes count as much as common "
    f"ones; classes with fewer than {SCORED_CELLS} cells do not count"
)
_ECE = "How far confidence and the share of right cells are apart; less is better"


def verdict_view(verdict: Verdict, taxonomy: Taxonomy) -> VerdictView:
    """Return a verdict in words, with its measures and classes.

    Args:
        verdict: By the rule.
        taxonomy: Names the classes; a class that it does not know is left out.
    """
    counting = counting_labels(verdict.rows)
    return VerdictView(
        better=verdict.better,
        title=verdict.headline,
        reasons=verdict.reasons,
        figures=(
            Figure(
                name=f"Macro-F1 here, {counted(verdict.n, 'cell')}",
                before=f"{verdict.macro_old:.2f}",
                after=f"{verdict.macro_new:.2f}",
                tip=f"{_MACRO}. The difference lies between {verdict.low:+.2f} and "
                f"{verdict.high:+.2f}.",
            ),
            Figure(
                name="Calibration error here",
                before=f"{100 * verdict.ece_old:.0f} %",
                after=f"{100 * verdict.ece_new:.0f} %",
                tip=_ECE,
            ),
            *_sites(verdict),
        ),
        classes=tuple(
            ClassChange(
                taxonomy.by_id[row.label], row.n, row.old, row.new, counts=row.label in counting
            )
            for row in verdict.rows
            if row.label in taxonomy.by_id
        ),
    )


def unjudged_view(model_id: str, *, shipped: bool) -> VerdictView:
    """Say why there is no verdict on a model.

    Args:
        model_id: The model.
        shipped: It came with the program.
    """
    why = "It came with the program" if shipped else "It was not judged on cells of this workspace"
    return VerdictView(better=True, title=model_id, reasons=(f"{why}.",), plain=True)


def comparison_view(told: "Comparison", taxonomy: Taxonomy) -> VerdictView:
    """Return two models side by side: where they come from, and how each was judged.

    Args:
        told: The two models.
        taxonomy: Names the classes.
    """
    rows = [(fact.name, fact.a, fact.b) for fact in told.facts]
    rows += [
        (f"F1, {taxonomy.by_id[one.label].name.lower()}", _scored(one.a), _scored(one.b))
        for one in told.classes
        if one.label in taxonomy.by_id
    ]
    return VerdictView(
        better=True,
        title=f"{told.a.model_id} and {told.b.model_id}",
        reasons=(told.caution,) if told.caution else (),
        figures=tuple(Figure(name=name, before=a, after=b) for name, a, b in rows),
        heads=(told.a.model_id, told.b.model_id),
        plain=True,
    )


def _scored(score: tuple[int, float] | None) -> str:
    return "–" if score is None else f"{score[1]:.2f} ({counted(score[0], 'cell')})"


def score_text(verdict: Verdict | None) -> str:
    """Return macro-F1 before and after, for a column."""
    return f"{verdict.macro_old:.2f} → {verdict.macro_new:.2f}" if verdict is not None else ""


def _sites(verdict: Verdict) -> tuple[Figure, ...]:
    """Return the sites of the workspace, if there are several, and those of training."""
    rows = list(verdict.sites)
    here: list[SiteRow] = []
    while rows and sum(row.n for row in here) < verdict.n:  # they stand first
        here.append(rows.pop(0))
    shown = [(row.name or "Site without a name", row) for row in here if len(here) > 1]
    shown += [(f"Training site {row.name}", row) for row in rows]
    return tuple(
        Figure(
            name=f"{name}, {counted(row.n, 'cell')}",
            before=f"{row.old:.2f}",
            after=f"{row.new:.2f}",
            tip=_MACRO,
        )
        for name, row in shown
    )
