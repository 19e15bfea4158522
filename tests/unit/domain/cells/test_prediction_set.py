"""Sets of leaves as one number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.cells.prediction_set import NO_SET, leaves_in, pack
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

TAXONOMY = taxonomy_v1()
LEAVES = TAXONOMY.leaves


@given(st.lists(st.sets(st.sampled_from(LEAVES)), min_size=1, max_size=4))
def test_a_set_comes_back_as_it_was(sets: list[set[str]]) -> None:
    table = np.array([[leaf in wanted for leaf in LEAVES] for wanted in sets], np.bool_)
    packed = pack(table)
    assert packed.dtype == np.uint32
    assert [set(leaves_in(int(one), TAXONOMY)) for one in packed] == sets


def test_the_likeliest_leaf_stands_first() -> None:
    table = np.zeros((1, len(LEAVES)), np.bool_)
    table[0, [0, 1, 4]] = True
    probs = np.linspace(0, 1, len(LEAVES)).tolist()
    (packed,) = pack(table).tolist()
    assert leaves_in(packed, TAXONOMY) == (LEAVES[0], LEAVES[1], LEAVES[4])
    assert leaves_in(packed, TAXONOMY, probs=probs) == (LEAVES[4], LEAVES[1], LEAVES[0])


def test_no_set_holds_no_class() -> None:
    assert leaves_in(NO_SET, TAXONOMY) == ()


def test_more_leaves_than_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        pack(np.ones((1, 33), np.bool_))
