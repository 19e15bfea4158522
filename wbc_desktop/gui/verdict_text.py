"""Turns a verdict into what the training panel and the list of models show."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wbc_desktop.domain.taxonomy import Taxonomy
from wbc_desktop.domain.verdict import SiteRow, Verdict
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.training_values import ClassChange, Figure, VerdictView

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.registry import ModelEntry

_MACRO = (
    "Mean of the classes' F1: 1 is every cell right, and rare classes count as much as common ones"
)
_ECE = "How far confidence and the share of right cells are apart; less is better"


def verdict_view(verdict: Verdict, taxonomy: Taxonomy) -> VerdictView:
    """Return a verdict in words, with its measures and classes.

    Args:
        verdict: By the rule.
        taxonomy: Names the classes; a class that it does not know is left out.
    """
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
            *_sites(verdict.sites),
        ),
        classes=tuple(
            ClassChange(taxonomy.by_id[row.label], row.n, row.old, row.new)
            for row in verdict.rows
            if row.label in taxonomy.by_id
        ),
    )


def comparison_view(a: "ModelEntry", b: "ModelEntry") -> VerdictView:
    """Return two models side by side: where they come from, and how each was judged.

    Args:
        a: The one that stands left, as a rule the older one.
        b: The other one.
    """
    rows = [
        ("Labels learned from", *(f"{e.labels:,}" for e in (a, b))),
        ("Site", *(e.site or "–" for e in (a, b))),
        ("Judged against", *(e.parent or "–" for e in (a, b))),
        ("Judged cells", *(f"{e.verdict.n:,}" if e.verdict else "–" for e in (a, b))),
        ("Macro-F1 on them", *(f"{e.verdict.macro_new:.2f}" if e.verdict else "–" for e in (a, b))),
        ("Calibration error", *(_percent(e.verdict.ece_new) if e.verdict else "–" for e in (a, b))),
    ]
    return VerdictView(
        better=True,
        title=f"{a.model_id} and {b.model_id}",
        reasons=("Each was judged on cells that were kept from it: these are not the same cells.",),
        figures=tuple(Figure(name=name, before=x, after=y) for name, x, y in rows),
        heads=(a.model_id, b.model_id),
        plain=True,
    )


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def score_text(verdict: Verdict | None) -> str:
    """Return macro-F1 before and after, for a column."""
    return f"{verdict.macro_old:.2f} → {verdict.macro_new:.2f}" if verdict is not None else ""


def _sites(rows: Sequence[SiteRow]) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            name=f"{row.name or 'Site without a name'}, {counted(row.n, 'cell')}",
            before=f"{row.old:.2f}",
            after=f"{row.new:.2f}",
            tip=_MACRO,
        )
        for row in rows
    )
