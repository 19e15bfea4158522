"""Site alignment undoes a shift of the look, and leaves another case mix alone."""

import numpy as np
import pytest

from model.uncertainty.site_alignment import LeafMoments, align_site

WEIGHT = np.array([[4.0, 0.0], [-4.0, 0.0]], dtype=np.float32)  # of a head for two leaves
EVEN = np.zeros(2, dtype=np.float32)


def head(embedding: np.ndarray) -> np.ndarray:
    return embedding @ WEIGHT.T


def cells(shares: tuple[float, float], *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """600 cells of two classes that lie at +1 and -1 of the first feature, and their leaves."""
    rng = np.random.default_rng(seed)
    leaf = (rng.random(600) >= shares[0]).astype(int)
    embedding = rng.normal(0.0, 0.3, (600, 2)).astype(np.float32)
    embedding[:, 0] += 1.0 - 2.0 * leaf
    return embedding, leaf


@pytest.fixture
def source() -> LeafMoments:
    embedding, leaf = cells((0.5, 0.5), seed=0)
    return LeafMoments.fit(embedding, np.eye(2, dtype=bool)[leaf])


def right(embedding: np.ndarray, leaf: np.ndarray) -> float:
    return float(np.mean(head(embedding).argmax(axis=1) == leaf))


def test_no_amount_changes_nothing(source: LeafMoments) -> None:
    embedding, _ = cells((0.5, 0.5), seed=1)
    same = align_site(embedding, source=source, logits=head, log_usual=EVEN, amount=0.0)
    np.testing.assert_array_equal(same, embedding)


def test_no_cells_stay_no_cells(source: LeafMoments) -> None:
    none = np.empty((0, 2), dtype=np.float32)
    same = align_site(none, source=source, logits=head, log_usual=EVEN, amount=1.0)
    assert same.shape == (0, 2)


def test_a_shifted_site_is_brought_back(source: LeafMoments) -> None:
    embedding, leaf = cells((0.5, 0.5), seed=2)
    shifted = (embedding * 0.5 + 0.6).astype(np.float32)
    assert right(shifted, leaf) < 0.8
    aligned = align_site(shifted, source=source, logits=head, log_usual=EVEN, amount=1.0)
    assert right(aligned, leaf) > 0.97
    np.testing.assert_allclose(aligned.std(axis=0), embedding.std(axis=0), rtol=0.1)


def test_another_case_mix_that_is_usual_is_not_taken_for_a_shift(source: LeafMoments) -> None:
    embedding, leaf = cells((0.9, 0.1), seed=3)
    usual = np.log(np.array([0.9, 0.1], dtype=np.float32))
    aligned = align_site(embedding, source=source, logits=head, log_usual=usual, amount=1.0)
    assert right(aligned, leaf) > 0.97
    assert abs(float(aligned[:, 0].mean() - embedding[:, 0].mean())) < 0.15  # 0.8 if taken so


def test_another_case_mix_that_nobody_expects_is_half_recognised(source: LeafMoments) -> None:
    embedding, leaf = cells((0.9, 0.1), seed=3)
    aligned = align_site(embedding, source=source, logits=head, log_usual=EVEN, amount=0.5)
    assert right(aligned, leaf) > 0.97
    assert abs(float(aligned[:, 0].mean() - embedding[:, 0].mean())) < 0.2  # 0.4 if taken for one


def test_a_leaf_no_site_shows_has_no_part_in_the_mix(source: LeafMoments) -> None:
    moments = LeafMoments(
        np.vstack([source.mean, [50.0, 50.0]]),
        np.vstack([source.square, [2500.0, 2500.0]]),
        np.array([True, True, False]),
    )
    wanted, given = moments.mixed(np.array([0.3, 0.3, 0.4])), source.mixed(np.array([0.5, 0.5]))
    np.testing.assert_allclose(wanted, given)


def test_a_parents_cell_counts_for_its_leaves() -> None:
    embedding = np.array([[1.0], [3.0]], dtype=np.float32)
    moments = LeafMoments.fit(embedding, np.array([[True, False], [True, True]]))
    np.testing.assert_allclose(moments.mean[:, 0], [(1.0 + 1.5) / 1.5, 3.0])
