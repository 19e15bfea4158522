"""The gate: better is let through, a loss anywhere is refused and named."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.domain.paired_cells import judged, wrong_at
from wbc_desktop.domain.training.evaluation import Evaluation, Outcome
from wbc_desktop.domain.training.paired_evaluation import PairedCells
from wbc_desktop.domain.training.promotion_rule import (
    MAX_FORGETTING,
    SCORED_CELLS,
    EvaluationMethod,
    apply_promotion_rule,
    forgetting,
    scored_classes,
    scored_labels,
    superseded,
)

WAYS = [way.value for way in EvaluationMethod]
BASE_LABEL = [i % 4 for i in range(400)]
SITES = ("Munich", "Barcelona")
BASE_PLACE = [i // 200 for i in range(400)]


def base(new_wrong: range = range(0), *, sites: tuple[str, ...] = SITES) -> PairedCells:
    """The training sites: both models are right, but for some cells of the candidate."""
    new = wrong_at(BASE_LABEL, new_wrong)
    group = list(range(400))
    return judged(BASE_LABEL, BASE_LABEL, new, group=group, site=BASE_PLACE, sites=sites)


def local(old_wrong: range, new_wrong: range, *, n: int = 80, groups: int = 8) -> PairedCells:
    label = [i % 4 for i in range(n)]
    return judged(
        label,
        wrong_at(label, old_wrong),
        wrong_at(label, new_wrong),
        group=[i % groups for i in range(n)],
    )


def told(verdict: Evaluation) -> str:
    return " ".join(verdict.reasons)


@pytest.mark.parametrize("way", WAYS)
def test_a_clear_gain_is_better_and_says_so(way: str) -> None:
    verdict = apply_promotion_rule(local(range(40), range(4)), base(), method=way)
    assert (verdict.outcome, verdict.provisional) == (Outcome.BETTER, False)
    assert verdict.macro_new > verdict.macro_old + 0.3
    assert 0 < verdict.low < verdict.macro_new - verdict.macro_old < verdict.high
    assert "On 80 cells of this site that it had not seen, it is right more often" in told(verdict)
    assert "lose nothing" in told(verdict)
    assert [row.label for row in verdict.rows] == [
        "eosinophil",
        "lymphocyte",
        "monocyte",
        "neutrophil",
    ]
    assert sum(row.n for row in verdict.rows) == 80


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 10_000), n=st.integers(8, 90))
@settings(max_examples=25, deadline=None)
def test_the_same_predictions_are_never_better(way: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    label, called = rng.integers(0, 4, n).tolist(), rng.integers(0, 4, n).tolist()
    verdict = apply_promotion_rule(judged(label, called, called), base(), method=way)
    assert verdict.outcome is Outcome.NOT_BETTER
    assert "is as often right as the model in use" in told(verdict)
    assert verdict.low == verdict.high == 0.0


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 10_000), lost=st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_a_candidate_that_only_loses_is_never_better(way: str, seed: int, lost: int) -> None:
    rng = np.random.default_rng(seed)
    label = [i % 4 for i in range(60)]
    old_wrong = rng.choice(60, size=10, replace=False).tolist()
    right = [i for i in range(60) if i not in old_wrong]
    new_wrong = old_wrong + rng.choice(right, size=lost, replace=False).tolist()
    cells = judged(label, wrong_at(label, old_wrong), wrong_at(label, new_wrong))
    assert apply_promotion_rule(cells, base(), method=way).outcome is Outcome.NOT_BETTER


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_exchanging_the_models_never_makes_both_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    label, a, b = (rng.integers(0, 4, 60).tolist() for _ in range(3))
    there = apply_promotion_rule(
        judged(label, a, b), base(), method=EvaluationMethod.CROSS_VALIDATION
    )
    back = apply_promotion_rule(
        judged(label, b, a), base(), method=EvaluationMethod.CROSS_VALIDATION
    )
    assert not (there.better and back.better)


@pytest.mark.parametrize("way", WAYS)
def test_a_gain_that_may_be_chance_waits_for_more_cells(way: str) -> None:
    # Right in two cells more, wrong in one that was right: nothing is proved by that.
    label = [i % 4 for i in range(24)]
    cells = judged(
        label,
        wrong_at(label, [0, 1, 2, 3, 5, 6]),
        wrong_at(label, [0, 1, 2, 3, 7]),
        group=list(range(24)),
    )
    verdict = apply_promotion_rule(cells, base(), method=way)
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.macro_new > verdict.macro_old
    assert "chance" in told(verdict)
    wanted = "drawn by lot|draws by lot" if way == EvaluationMethod.HOLDOUT else "Label more cells"
    assert re.search(wanted, told(verdict))


def test_by_cross_validation_a_bound_just_below_nothing_is_enough() -> None:
    label = [i % 4 for i in range(56)]
    # Wins six cells, loses one: the mean is better, the bound hardly below zero.
    cells = judged(
        label,
        wrong_at(label, [0, 4, 9, 13, 18, 22]),
        wrong_at(label, [27]),
        group=[i // 2 for i in range(56)],
        sure=(0.9, 0.97),
    )
    verdict = apply_promotion_rule(cells, base(), method=EvaluationMethod.CROSS_VALIDATION)
    assert verdict.low > -0.02
    assert verdict.better


def test_forgetting_is_refused_and_counted_in_points() -> None:
    verdict = apply_promotion_rule(
        local(range(40), range(4)), base(range(0, 400, 50)), method=EvaluationMethod.HOLDOUT
    )
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.forgetting == pytest.approx(0.02, abs=0.002)
    (reason,) = verdict.reasons
    assert reason == (
        "It forgets: against the model that came with the program, the sites that it was "
        "trained on lose 2.0 points; at most 1.0 point is allowed."
    )


def test_one_point_of_forgetting_is_allowed() -> None:
    cells = base(range(0, 400, 134))  # three of 400
    assert 0 < forgetting(cells) <= MAX_FORGETTING
    verdict = apply_promotion_rule(
        local(range(40), range(4)), cells, method=EvaluationMethod.HOLDOUT
    )
    assert verdict.better
    assert "lose 0." in told(verdict)


def test_rendered_cells_are_no_laboratory_to_forget() -> None:
    sites = ("Munich", "rendered")
    cells = base(range(200, 400, 2), sites=sites)  # half of the rendered ones are lost
    assert forgetting(cells) == 0.0
    assert apply_promotion_rule(
        local(range(40), range(4)), cells, method=EvaluationMethod.HOLDOUT
    ).better


def test_two_scores_that_differ_never_read_alike() -> None:
    label = [i % 4 for i in range(400)]
    verdict = apply_promotion_rule(
        judged(label, wrong_at(label, range(41)), wrong_at(label, range(40))),
        base(),
        method=EvaluationMethod.CROSS_VALIDATION,
    )
    (now, before), *_ = re.findall(r"macro-F1 (0\.[0-9]+), before (0\.[0-9]+)", told(verdict))
    assert float(now) > float(before)


def test_what_the_model_in_use_has_learnt_at_another_site_is_not_thrown_away_unseen() -> None:
    verdict = apply_promotion_rule(
        local(range(40), range(4)),
        base(),
        method=EvaluationMethod.HOLDOUT,
        elsewhere=["Ward 3", ""],
    )
    assert verdict.outcome is Outcome.NOT_BETTER
    assert "has learnt from Ward 3, too" in verdict.reasons[0]
    assert "cells without a site" in verdict.reasons[1]


def test_what_was_compared_with_a_model_in_use_no_more_is_never_better() -> None:
    better = apply_promotion_rule(
        local(range(40), range(4)), base(), method=EvaluationMethod.HOLDOUT
    )
    assert better.better
    verdict = superseded(better, "wbc+adapt-2")
    assert superseded(verdict, "wbc+adapt-2") == verdict
    assert verdict.outcome is Outcome.NOT_BETTER
    (reason,) = verdict.reasons
    assert "The model in use has changed since: it is wbc+adapt-2 now" in reason
    assert reason.endswith("Train again.")


def test_a_class_that_loses_is_named() -> None:
    label = [i % 4 for i in range(80)]
    monocytes = [i for i in range(80) if label[i] == 1]
    granulocytes = [i for i in range(80) if label[i] > 1]
    cells = judged(label, wrong_at(label, granulocytes), wrong_at(label, monocytes[:8]))
    verdict = apply_promotion_rule(cells, base(), method=EvaluationMethod.HOLDOUT)
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.macro_new > verdict.macro_old
    assert verdict.reasons == ("It is worse for monocyte: F1 0.75, before 1.00 (20 cells).",)


def test_a_class_of_few_cells_is_not_judged_alone() -> None:
    label = [0, 2, 3] * 20 + [1] * 9
    lost = list(range(60, 66))  # six of nine monocytes
    cells = judged(label, wrong_at(label, range(40)), wrong_at(label, lost))
    assert apply_promotion_rule(cells, base(), method=EvaluationMethod.HOLDOUT).better


def test_a_site_that_loses_is_named() -> None:
    label = [i % 4 for i in range(160)]
    old_wrong = range(100)  # nearly all of Ward 3
    new_wrong = range(120, 132)  # of Ward 4, and three of each class
    cells = judged(
        label,
        wrong_at(label, old_wrong),
        wrong_at(label, new_wrong),
        site=[0] * 110 + [1] * 50,
        group=[i % 10 for i in range(160)],
    )
    verdict = apply_promotion_rule(cells, base(), method=EvaluationMethod.HOLDOUT)
    assert verdict.outcome is Outcome.NOT_BETTER
    (reason,) = verdict.reasons
    assert reason.startswith("It is worse at Ward 4: macro-F1 0.76, before 1.00 (50 cells)")


def test_a_training_site_that_loses_is_named() -> None:
    verdict = apply_promotion_rule(
        local(range(40), range(4)), base(range(200, 260, 4)), method=EvaluationMethod.HOLDOUT
    )
    assert re.search(
        "worse at the training site Barcelona: .* with the model that came with the program",
        told(verdict),
    )


def test_confidence_that_can_be_trusted_less_is_refused() -> None:
    label = [i % 4 for i in range(80)]
    cells = judged(
        label, wrong_at(label, range(40)), wrong_at(label, range(20)), sure=(0.55, 0.999)
    )
    verdict = apply_promotion_rule(cells, base(), method=EvaluationMethod.HOLDOUT)
    assert verdict.outcome is Outcome.NOT_BETTER
    (reason,) = verdict.reasons
    assert reason.startswith("Its confidence can be trusted less")
    assert "25 % apart" in reason


@pytest.mark.parametrize(
    ("n", "groups", "grouped_by", "why"),
    [
        (24, 6, "patient", "it rests on 24 cells only"),
        (80, 2, "patient", "the cells come from 2 patients only"),
        (80, 1, "slide", "the cells come from 1 slide only"),
        (80, 80, "cell", "too few patients and slides"),
    ],
)
def test_little_to_go_by_makes_it_provisional(
    n: int, groups: int, grouped_by: str, why: str
) -> None:
    cells = local(range(n // 2), range(1), n=n, groups=groups)
    verdict = apply_promotion_rule(
        cells, base(), method=EvaluationMethod.CROSS_VALIDATION, grouped_by=grouped_by
    )
    assert verdict.better
    assert verdict.provisional
    assert why in verdict.reasons[-1]
    assert verdict.headline == "Better, provisionally"


@pytest.mark.parametrize("where", ["this site", "the training sites"])
def test_nothing_to_judge_by_is_not_better(where: str) -> None:
    nothing = judged([], [], [])
    parts = (nothing, base()) if where == "this site" else (local(range(40), range(4)), nothing)
    verdict = apply_promotion_rule(*parts, method=EvaluationMethod.HOLDOUT)
    assert verdict.outcome is Outcome.NOT_BETTER
    assert verdict.provisional
    assert where in told(verdict)


def test_one_cell_and_one_class_do_not_break_it() -> None:
    verdict = apply_promotion_rule(
        judged([0], [1], [0]), base(), method=EvaluationMethod.CROSS_VALIDATION
    )
    assert verdict.provisional
    assert (verdict.macro_old, verdict.macro_new) == (0.0, 1.0)


def test_rare_classes_count_only_where_all_are_rare() -> None:
    assert scored_labels(judged([0] * 5 + [1] * 5 + [2], [0] * 11, [0] * 11), 3) == (0, 1)
    assert scored_labels(judged([0] * 5 + [1, 2], [0] * 7, [0] * 7), 3) == (0, 1, 2)


@pytest.mark.parametrize("label", [[0] * 5 + [1] * 5 + [2], [0] * 5 + [1, 2]])
def test_a_verdict_shows_which_classes_counted(label: list[int]) -> None:
    cells = judged(label, [0] * len(label), label)
    verdict = apply_promotion_rule(cells, base(), method=EvaluationMethod.HOLDOUT)
    counted = {cells.labels[row] for row in scored_labels(cells, SCORED_CELLS)}
    assert scored_classes(verdict.rows) == counted


def test_an_unknown_way_is_a_fault() -> None:
    with pytest.raises(ValueError, match="guess"):
        apply_promotion_rule(local(range(40), range(4)), base(), method="guess")


def test_the_verdict_is_the_same_every_time() -> None:
    first, second = (
        apply_promotion_rule(local(range(30), range(9)), base(), method=EvaluationMethod.HOLDOUT)
        for _ in range(2)
    )
    assert first == second


def test_reasons_are_sentences_without_jargon() -> None:
    verdicts = [
        apply_promotion_rule(local(range(40), range(4)), base(), method=EvaluationMethod.HOLDOUT),
        apply_promotion_rule(
            local(range(4), range(40)), base(range(0, 400, 9)), method=EvaluationMethod.HOLDOUT
        ),
    ]
    for reason in (reason for verdict in verdicts for reason in verdict.reasons):
        assert reason.endswith(".")
        assert reason[0].isupper()
        assert not re.search(r"bootstrap|ECE|champion|candidate|_|nan", reason)
