"""The class tree: leaves, parents, masks."""

import numpy as np
import pytest

from model.hierarchy import LEAVES, PARENTS, leaf_mask, leaves_of, parent_probability


def test_every_parent_is_made_of_known_leaves_and_no_leaf_has_two_parents() -> None:
    members = [leaf for leaves in PARENTS.values() for leaf in leaves]
    assert set(members) <= set(LEAVES)
    assert len(members) == len(set(members))
    assert not set(PARENTS) & set(LEAVES)


def test_a_parents_probability_is_the_sum_of_its_leaves() -> None:
    probs = np.random.default_rng(1).dirichlet(np.ones(len(LEAVES)), size=5).astype(np.float32)
    band, segmented = LEAVES.index("neutrophil_band"), LEAVES.index("neutrophil_segmented")
    expected = [row[band] + row[segmented] for row in probs]
    np.testing.assert_allclose(parent_probability(probs, "neutrophil"), expected, rtol=1e-6)


def test_a_mask_marks_a_leaf_once_and_a_parent_by_its_leaves() -> None:
    mask = leaf_mask(["blast", "immature_granulocyte"])
    assert [LEAVES[column] for column in np.flatnonzero(mask[0])] == ["blast"]
    assert {LEAVES[column] for column in np.flatnonzero(mask[1])} == set(
        PARENTS["immature_granulocyte"]
    )


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(KeyError):
        leaves_of("unidentified")
