"""Clusters: the groups there are, the largest first, the same every time."""

import numpy as np
import pytest

from tests.unit.services.alike_cells import grouped_cells
from wbc_desktop.services.embeddings.clusters import FEWEST, MOST, cluster_count, clusters
from wbc_desktop.services.embeddings.similarity import Similarity


def test_groups_far_from_one_another_are_never_in_one_cluster() -> None:
    similarity, group = grouped_cells((90, 60, 40, 10), spread=0.05)
    found = clusters(similarity)
    for cluster in np.unique(found):
        assert len(set(group[found == cluster])) == 1


def test_they_are_numbered_by_size_and_the_same_every_time() -> None:
    similarity, _ = grouped_cells((90, 60, 40, 10))
    found = clusters(similarity)
    sizes = np.bincount(found).tolist()
    assert sizes == sorted(sizes, reverse=True)
    np.testing.assert_array_equal(found, clusters(similarity))


@pytest.mark.parametrize("n", [0, 1, 3, 4, 200, 5000, 1_000_000])
def test_their_number_stays_within_bounds(n: int) -> None:
    assert cluster_count(n) <= min(n, MOST)
    assert n < FEWEST or cluster_count(n) >= FEWEST


@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_cells_and_cells_all_alike_are_no_trouble(n: int) -> None:
    assert clusters(Similarity(np.arange(n), np.ones((n, 3), np.float16))).shape == (n,)
