"""The gate: is a candidate better than the model in use? A rule, not a matter of taste.

The candidate must be better on this site's cells that it has not learnt from, and must not have
been bought with a loss elsewhere: not on the training sites, not for one class, not at one site,
not in how far its confidence can be trusted. Every figure that the rule knows stands at the head
of this module; to add a rule, write a function that yields one plain sentence for each breach and
add it to ``_reasons_against``. A person may overrule it with a written reason; the log keeps both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.training.evaluation import ClassScore, Evaluation, Outcome, SiteScore
from wbc_desktop.domain.training.paired_evaluation import (
    PairedCells,
    bootstrap_differences,
    calibration_error,
    f1_of_classes,
    macro_f1,
)
from wbc_desktop.domain.wording import counted

BOUND = 5.0
"""Per cent of draws below the lower bound of the difference: one-sided 95 %."""
WORST_BOUND = -0.02
"""By cross-validation: the lower bound must lie above this."""
MAX_FORGETTING = 0.01
"""Mean macro-F1 that the training sites may lose, beside the model that came with the program."""
CLASS_MARGIN, CLASS_CELLS = 0.10, 10
"""F1 that a class may lose, judged from so many cells on."""
SITE_MARGIN, SITE_CELLS = 0.05, 20
"""Macro-F1 that one site may lose, judged from so many cells on."""
CALIBRATION_MARGIN, CALIBRATION_CELLS = 0.05, 30
"""By how much confidence may stray further from the truth, judged from so many cells on."""
SCORED_CELLS = 3
"""Cells of a class from which on it counts in the mean, where two classes have as many."""
SITE_SCORED_CELLS = 5
"""The same for the training sites."""
FEW_CELLS, FEW_GROUPS = 30, 3
"""Fewer of either make the verdict provisional."""
SHIPPED = "the model that came with the program"
RENDERED = "rendered"
"""Training sites of drawn cells are called so: no laboratory, so nothing is forgotten there."""


class EvaluationMethod(StrEnum):
    """How cells were found that the candidate has not learnt from."""

    CROSS_VALIDATION = "cross_validation"
    HOLDOUT = "holdout"


def apply_promotion_rule(
    local: PairedCells,
    base: PairedCells,
    *,
    method: str,
    grouped_by: str = "patient",
    elsewhere: Sequence[str] = (),
) -> Evaluation:
    """Compare a candidate with the model in use, by the rules above.

    Args:
        local: Cells of the workspace that neither has learnt from.
        base: Cells of the training sites that no candidate learns from; sites are the sites. Here
            ``old`` is the model that came with the program: beside the model in use, each in a row
            of candidates could forget a little more.
        method: How the local cells were found, a ``EvaluationMethod``.
        grouped_by: What a group is: patient, slide or cell. By cell the verdict is provisional.
        elsewhere: Sites that the model in use has learnt from; the candidate has not, nor do the
            local cells show what it does there.

    Raises:
        ValueError: If there is no such way.
    """
    method = EvaluationMethod(method)
    if not local.n or not base.n:
        where = "this site" if not local.n else "the training sites"
        reason = f"There is no cell of {where} to judge it by."
        return _evaluation(local, base, reasons=(reason,), breached=True, provisional=True)
    scored = scored_labels(local, SCORED_CELLS)
    drawn = bootstrap_differences(_groups_or_cells(local), scored)
    low, high = (float(np.percentile(drawn, at)) for at in (BOUND, 100 - BOUND))
    few = _why_provisional(local, grouped_by)
    breaches = (
        *_not_better(local, scored, low, method),
        *_reasons_against(local, base),
        *_unlearned_sites(elsewhere),
    )
    reasons = breaches or _reasons_for(local, base, scored)
    return _evaluation(
        local,
        base,
        reasons=(*reasons, *few),
        breached=bool(breaches),
        provisional=bool(few),
        bounds=(low, high),
    )


def superseded(evaluation: Evaluation, in_use: str) -> Evaluation:
    """Return a verdict as it reads once another model is in use than the one it compares with.

    Args:
        evaluation: Of ``apply_promotion_rule``.
        in_use: Name of the model in use now.
    """
    said = (
        f"The model in use has changed since: it is {in_use} now, and this one was not "
        "compared with it. Train again."
    )
    against = () if evaluation.better else evaluation.reasons
    reasons = tuple(dict.fromkeys((said, *against)))
    return replace(evaluation, outcome=Outcome.NOT_BETTER, reasons=reasons)


def scored_labels(pairs: PairedCells, least: int) -> tuple[int, ...]:
    """Return the labels that count in a mean: those with enough cells, or all if there are none.

    Args:
        pairs: The cells.
        least: How many cells are enough; without two such labels every label counts.

    Returns:
        Rows of ``pairs.labels``.
    """
    counts = pairs.counts()
    enough = np.flatnonzero(counts >= least)
    kept = enough if len(enough) > 1 else np.flatnonzero(counts)
    return tuple(int(row) for row in kept)


def scored_classes(rows: Sequence[ClassScore]) -> frozenset[str]:
    """Return the class ids of a verdict that counted in its mean, by the rule of ``scored_labels``.

    Args:
        rows: Every judged class of the workspace.
    """
    enough = frozenset(row.label for row in rows if row.n >= SCORED_CELLS)
    return enough if len(enough) > 1 else frozenset(row.label for row in rows)


def forgetting(base: PairedCells) -> float:
    """Return the macro-F1 that the training sites lose, each with the same say; < 0 is a gain."""
    pairs = [pair for _, _, pair in _site_scores(base, least=1)]
    return float(np.mean([old - new for old, new in pairs])) if pairs else 0.0


def _groups_or_cells(local: PairedCells) -> PairedCells:
    """Return the cells, each a group of its own where there are too few groups to draw from."""
    if local.n_groups >= FEW_GROUPS:
        return local
    return PairedCells(
        labels=local.labels,
        classes=local.classes,
        sites=local.sites,
        label=local.label,
        site=local.site,
        group=np.arange(local.n, dtype=np.int64),
        old=local.old,
        new=local.new,
    )


def _not_better(
    local: PairedCells, scored: tuple[int, ...], low: float, method: EvaluationMethod
) -> Iterator[str]:
    old, new = (macro_f1(local, probs, scored) for probs in (local.old, local.new))
    cells = counted(local.n, "cell")
    if new <= old:
        same = "is as often right as" if new == old else "is less often right than"
        yield (
            f"On {cells} of this site that it had not seen, it {same} the model in use: "
            f"{_scores_text(old, new)}."
        )
    elif method is EvaluationMethod.CROSS_VALIDATION and low <= WORST_BOUND:
        yield (
            f"On {cells} of this site it does better ({_scores_text(old, new)}), but that may be "
            f"chance: it could also be {_points(-low)} worse. Label more cells and adapt again."
        )
    elif method is EvaluationMethod.HOLDOUT and low <= 0:
        yield (
            f"On {cells} kept aside for judging it does better ({_scores_text(old, new)}), but "
            "that may be chance. Go on in the review queue: the cells that it draws by lot make "
            "the judgement surer."
        )


def _reasons_against(local: PairedCells, base: PairedCells) -> Iterator[str]:
    """Yield a sentence for each loss that the candidate was bought with."""
    yield from _forgotten(base)
    yield from _worse_classes(local)
    yield from _worse_sites(local, "at")
    yield from _worse_sites(base, "at the training site", f" with {SHIPPED}")
    yield from _less_calibrated(local)


def _forgotten(base: PairedCells) -> Iterator[str]:
    lost = forgetting(base)
    if lost > MAX_FORGETTING:
        yield (
            f"It forgets: against {SHIPPED}, the sites that it was trained on lose "
            f"{_points(lost)}; at most {_points(MAX_FORGETTING)} is allowed."
        )


def _worse_classes(local: PairedCells) -> Iterator[str]:
    for row in _class_rows(local):
        if row.n >= CLASS_CELLS and row.old - row.new > CLASS_MARGIN:
            yield (
                f"It is worse for {_class_name(row.label)}: F1 {_f1(row.new)}, before "
                f"{_f1(row.old)} ({counted(row.n, 'cell')})."
            )


def _worse_sites(pairs: PairedCells, where: str, suffix: str = "") -> Iterator[str]:
    for name, n, (old, new) in _site_scores(pairs, least=SITE_CELLS):
        if old - new > SITE_MARGIN:
            site = name or "without a name"
            scores = f"{_scores_text(old, new)}{suffix}"
            yield f"It is worse {where} {site}: {scores} ({counted(n, 'cell')})."


def _unlearned_sites(elsewhere: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each site that would lose what was learnt there, unseen by the rule."""
    for name in elsewhere:
        yield (
            f"The model in use has learnt from {name or 'cells without a site'}, too; this one has "
            "not, and was not judged there. Train on all sites together: in the window with no "
            "patient chosen, on the command line without --site."
        )


def _less_calibrated(local: PairedCells) -> Iterator[str]:
    """Judge by the site alone: a temperature that fits it cannot fit the training sites too."""
    old, new = (calibration_error(local, probs) for probs in (local.old, local.new))
    if local.n >= CALIBRATION_CELLS and new - old > CALIBRATION_MARGIN:
        yield (
            "Its confidence can be trusted less: on cells of this site confidence and share of "
            f"right cells are {100 * new:.0f} % apart, before {100 * old:.0f} %."
        )


def _reasons_for(local: PairedCells, base: PairedCells, scored: tuple[int, ...]) -> tuple[str, ...]:
    old, new = (macro_f1(local, probs, scored) for probs in (local.old, local.new))
    lost = forgetting(base)
    kept = f"lose {_points(lost)}" if lost > 0 else "lose nothing"
    here = (
        f"On {counted(local.n, 'cell')} of this site that it had not seen, it is right more "
        f"often: {_scores_text(old, new)}."
    )
    elsewhere = (
        f"Against {SHIPPED}, the sites that it was trained on {kept}; no class, no site and no "
        "confidence is worse than allowed."
    )
    return here, elsewhere


def _why_provisional(local: PairedCells, grouped_by: str) -> tuple[str, ...]:
    """Say why a verdict is provisional; nothing if it is not."""
    if grouped_by == "cell":
        why = "the cells come from too few patients and slides to keep these apart"
    elif local.n_groups < FEW_GROUPS:
        why = f"the cells come from {counted(local.n_groups, grouped_by)} only"
    elif local.n < FEW_CELLS:
        why = f"it rests on {counted(local.n, 'cell')} only"
    else:
        return ()
    return (f"This is provisional: {why}.",)


def _evaluation(
    local: PairedCells,
    base: PairedCells,
    *,
    reasons: tuple[str, ...],
    breached: bool,
    provisional: bool,
    bounds: tuple[float, float] = (0.0, 0.0),
) -> Evaluation:
    scored = scored_labels(local, SCORED_CELLS)
    old, new = (_number(macro_f1(local, probs, scored)) for probs in (local.old, local.new))
    ece = [_number(calibration_error(local, probs)) for probs in (local.old, local.new)]
    sites = (*_site_scores(local, least=1), *_site_scores(base, least=1))
    return Evaluation(
        outcome=Outcome.NOT_BETTER if breached else Outcome.BETTER,
        provisional=provisional,
        reasons=reasons,
        rows=_class_rows(local),
        sites=tuple(SiteScore(name, n, before, after) for name, n, (before, after) in sites),
        n=local.n,
        macro_old=old,
        macro_new=new,
        low=bounds[0],
        high=bounds[1],
        forgetting=forgetting(base),
        ece_old=ece[0],
        ece_new=ece[1],
    )


def _class_rows(local: PairedCells) -> tuple[ClassScore, ...]:
    counts = local.counts()
    old, new = (
        f1_of_classes(local.label, local.predicted_labels(probs), len(local.labels))
        for probs in (local.old, local.new)
    )
    rows = np.flatnonzero(counts)
    order = {c.id: i for i, c in enumerate(taxonomy_v1().classes)}
    named = sorted(rows.tolist(), key=lambda row: order.get(local.labels[row], len(order)))
    return tuple(
        ClassScore(local.labels[row], int(counts[row]), float(old[row]), float(new[row]))
        for row in named
    )


def _site_scores(
    pairs: PairedCells, *, least: int
) -> Iterator[tuple[str, int, tuple[float, float]]]:
    """Yield name, cells and both macro-F1 of each site with enough cells."""
    numbers = np.unique(pairs.site)
    real = [p for p in numbers.tolist() if not pairs.sites[p].startswith(RENDERED)]
    for site in real or numbers.tolist():
        cells = pairs.at(site)
        scored = scored_labels(cells, SITE_SCORED_CELLS)
        if cells.n >= least:
            old, new = (macro_f1(cells, probs, scored) for probs in (cells.old, cells.new))
            yield pairs.sites[site], cells.n, (old, new)


def _class_name(label: str) -> str:
    known = taxonomy_v1().by_id.get(label)
    return known.name.lower() if known else label


def _scores_text(old: float, new: float) -> str:
    alike = old != new and _f1(old) == _f1(new)  # "0.89, before 0.89" would say nothing
    before, now = (f"{score:.3f}" if alike else _f1(score) for score in (old, new))
    return f"macro-F1 {now}, before {before}"


def _f1(value: float) -> str:
    return f"{value:.2f}"


def _points(value: float) -> str:
    text = f"{100 * value:.1f}"
    return f"{text} point" if text == "1.0" else f"{text} points"


def _number(value: float) -> float:
    return value if np.isfinite(value) else 0.0
