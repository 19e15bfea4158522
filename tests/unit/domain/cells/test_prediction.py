"""The class that follows from the probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wbc_desktop.domain.cells.prediction import (
    SURE,
    PredictionBatch,
    decide,
    entropy,
    margin,
    parent_probs,
)
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

TAXONOMY = taxonomy_v1()
K = len(TAXONOMY.leaves)


def probs(**by_leaf: float) -> NDArray[np.float32]:
    """One row: the named leaves, the rest spread over the others."""
    row = np.full(K, (1 - sum(by_leaf.values())) / (K - len(by_leaf)), np.float32)
    for leaf, p in by_leaf.items():
        row[TAXONOMY.leaves.index(leaf)] = p
    return row[None]


def chosen(row: NDArray[np.float32]) -> tuple[str, float]:
    ordinals, prob = decide(row, TAXONOMY)
    return TAXONOMY.classes[ordinals[0]].id, round(float(prob[0]), 4)


def test_a_sure_leaf_is_chosen() -> None:
    assert chosen(probs(monocyte=0.8)) == ("monocyte", 0.8)


def test_two_unsure_leaves_of_one_parent_give_the_parent() -> None:
    row = probs(neutrophil_segmented=0.45, neutrophil_band=0.4)
    assert chosen(row) == ("neutrophil", 0.85)


def test_a_leaf_at_the_threshold_stays_a_leaf() -> None:
    row = probs(neutrophil_segmented=SURE, neutrophil_band=0.4)
    assert chosen(row) == ("neutrophil_segmented", 0.5)


def test_an_unsure_leaf_stays_where_its_parent_is_unsure_too() -> None:
    row = probs(neutrophil_segmented=0.3, neutrophil_band=0.15)
    assert chosen(row) == ("neutrophil_segmented", 0.3)


def test_a_likely_parent_wins_over_an_unsure_leaf_of_another_branch() -> None:
    row = probs(monocyte=0.3, myelocyte=0.2, promyelocyte=0.2, metamyelocyte=0.2)
    assert chosen(row) == ("immature_granulocyte", 0.6)


def test_no_cells_give_no_classes() -> None:
    ordinals, prob = decide(np.zeros((0, K), np.float32), TAXONOMY)
    assert ordinals.shape == prob.shape == (0,)


def test_a_model_with_other_leaves_is_refused() -> None:
    with pytest.raises(ValueError, match="16 leaves"):
        decide(np.zeros((2, 15), np.float32), TAXONOMY)


rows = hnp.arrays(np.float32, (7, K), elements=st.floats(0.0009765625, 1, width=32))


@given(rows)
def test_a_parent_has_the_sum_of_its_leaves(raw: NDArray[np.float32]) -> None:
    p = raw / raw.sum(axis=1, keepdims=True)
    for parent, summed in parent_probs(p, TAXONOMY).items():
        columns = [TAXONOMY.leaves.index(leaf) for leaf in TAXONOMY.leaves_of(parent)]
        np.testing.assert_allclose(summed, sum(p[:, c] for c in columns), rtol=1e-5)


@given(rows)
def test_what_is_chosen_is_the_best_leaf_or_a_parent_more_likely_than_it(
    raw: NDArray[np.float32],
) -> None:
    p = raw / raw.sum(axis=1, keepdims=True)
    ordinals, prob = decide(p, TAXONOMY)
    for row, ordinal, said in zip(p, ordinals, prob, strict=True):
        best = {TAXONOMY.leaves[column] for column in np.flatnonzero(row == row.max())}
        chosen = TAXONOMY.classes[ordinal]
        # Two leaves of a parent may together be likelier than the best leaf, which is another's.
        assert chosen.id in best if chosen.leaf else said >= 0.5 - 1e-6
        assert row.max() - 1e-6 <= said <= 1


def test_the_margin_is_the_lead_over_the_second() -> None:
    row = probs(monocyte=0.6, lymphocyte=0.25)
    assert margin(row)[0] == pytest.approx(0.35)


def test_entropy_is_zero_for_one_leaf_and_one_where_all_are_alike() -> None:
    sure = np.eye(K, dtype=np.float32)[:1]
    alike = np.full((1, K), 1 / K, np.float32)
    halves = (sure + np.roll(sure, 1)) / 2
    assert entropy(np.concatenate((sure, halves, alike))).tolist() == pytest.approx(
        [0, np.log(2) / np.log(K), 1]
    )
    assert not np.signbit(entropy(sure)[0])


def test_a_batch_of_unequal_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        PredictionBatch(
            model_id="m",
            model_sha256="",
            cell_ids=(1, 2),
            probs=np.zeros((3, K), np.float32),
            scale_source=np.zeros(2, np.uint8),
            pred_set=np.ones((3, K), np.bool_),
            ood_score=np.zeros(2, np.float32),
            appearance=np.zeros((2, 4), np.float32),
        )
