"""Scores of two models on the same cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.paired_cells import LABELS, LEAVES, judged, probs
from wbc_desktop.domain.training.paired_evaluation import (
    PairedCells,
    bootstrap_differences,
    calibration_error,
    f1_of_classes,
    macro_f1,
)

ROWS = st.lists(st.integers(0, len(LABELS) - 1), min_size=1, max_size=30)


def f1_by_hand(label: list[int], called: list[int], row: int) -> float:
    right = sum(a == b == row for a, b in zip(label, called, strict=True))
    other = sum((a == row) != (b == row) for a, b in zip(label, called, strict=True))
    return 2 * right / (2 * right + other)


@given(data=st.data(), label=ROWS)
def test_f1_is_that_of_the_textbook(data: st.DataObject, label: list[int]) -> None:
    called = data.draw(st.lists(st.integers(0, 3), min_size=len(label), max_size=len(label)))
    found = f1_of_classes(np.array(label), np.array(called), len(LABELS))
    for row in range(len(LABELS)):
        if row in label:
            assert found[row] == pytest.approx(f1_by_hand(label, called, row))
        else:
            assert np.isnan(found[row])


def test_a_leaf_is_right_for_the_label_of_its_parent() -> None:
    cells = judged([2, 2, 0], [2, 2, 0], [2, 2, 0])
    said = probs(["neutrophil_band", "lymphocyte", "monocyte"])
    # The monocyte is a label of the set that no cell here carries: it is simply wrong.
    assert cells.predicted_labels(said).tolist() == [2, 0, -1]
    assert macro_f1(cells, said, [0, 2]) == pytest.approx((0.0 + 2 / 3) / 2)


def test_where_a_leaf_fits_two_labels_the_right_one_counts() -> None:
    cells = PairedCells(
        labels=("neutrophil_band", "neutrophil"),
        classes=LEAVES,
        sites=("Ward 3",),
        label=np.array([1, 0]),
        site=np.zeros(2, np.int64),
        group=np.arange(2),
        old=probs(["neutrophil_band", "neutrophil_band"]),
        new=probs(["neutrophil_band", "neutrophil_segmented"]),
    )
    assert cells.predicted_labels(cells.old).tolist() == [1, 0]
    assert cells.predicted_labels(cells.new).tolist() == [1, 1]


@given(label=ROWS, seed=st.integers(0, 5))
def test_the_same_predictions_never_differ_in_any_draw(label: list[int], seed: int) -> None:
    called = np.random.default_rng(seed).integers(0, 4, len(label)).tolist()
    cells = judged(label, called, called, group=list(range(len(label))))
    scored = sorted(set(label))
    assert not bootstrap_differences(cells, scored, draws=50, seed=seed).any()


def test_draws_take_whole_groups() -> None:
    """One patient carries the whole gain: drawing cells instead would hide that."""
    label = [0, 1] * 20
    old = [0, 1] * 10 + [1, 0] * 10
    groups = [0] * 20 + [1] * 20
    by_group = bootstrap_differences(judged(label, old, label, group=groups), [0, 1])
    by_cell = bootstrap_differences(judged(label, old, label, group=list(range(40))), [0, 1])
    assert by_group.std() > 3 * by_cell.std()
    assert by_group.min() == 0.0


def test_confidence_that_is_kept_is_calibrated() -> None:
    label = [0] * 60
    called = [0] * 45 + [1] * 15
    cells = judged(label, called, called, sure=(0.75, 0.99))
    assert calibration_error(cells, cells.old) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(cells, cells.new) == pytest.approx(0.24, abs=1e-6)
    right = judged(label, label, label, sure=(1.0, 0.6))
    assert calibration_error(right, right.old) == pytest.approx(0.0, abs=1e-6)
    assert calibration_error(right, right.new) == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("old", np.zeros((3, len(LEAVES)), np.float32)),
        ("old", np.full((3, len(LEAVES)), np.nan, np.float32)),
        ("new", np.zeros((3, 2), np.float32)),
        ("label", np.array([0, 1, 9])),
        ("label", np.array([0, -1, 1])),
        ("group", np.zeros(2, np.int64)),
        ("site", np.array([0, 0, 7])),
        ("labels", ("lymphocyte", "unidentified", "monocyte", "eosinophil")),
    ],
)
def test_what_does_not_fit_together_is_refused(part: str, value: object) -> None:
    whole = judged([0, 1, 2], [0, 1, 2], [0, 1, 2])
    parts = {name: getattr(whole, name) for name in PairedCells.__dataclass_fields__}
    with pytest.raises(ValueError, match=r"judged cell|probabilities"):
        PairedCells(**{**parts, part: value})
