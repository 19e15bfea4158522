"""Views of a crop are rigid, and their average does not know how the crop was turned."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.inference.test_time_augmentation import VIEWS, augmented_view, average_augmented_views


def crops() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (2, 6, 6, 3), dtype=np.uint8)


def embed(batch: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Something that depends on every pixel and on where it lies."""
    weights = np.random.default_rng(4).normal(size=(6 * 6 * 3, 5)).astype(np.float32)
    return batch.reshape(len(batch), -1).astype(np.float32) @ weights


def test_the_views_are_eight_different_pictures_of_the_same_pixels() -> None:
    views = [augmented_view(crops(), index) for index in range(8)]
    assert len({seen.tobytes() for seen in views}) == 8
    np.testing.assert_array_equal(views[0], crops())
    for seen in views:
        assert seen.flags.c_contiguous
        np.testing.assert_array_equal(np.sort(seen, axis=None), np.sort(crops(), axis=None))


def test_one_view_is_the_embedding_itself() -> None:
    np.testing.assert_array_equal(average_augmented_views(embed, crops(), views=1), embed(crops()))


@pytest.mark.parametrize("views", VIEWS)
def test_the_average_is_that_of_the_views(views: int) -> None:
    expected = np.mean([embed(augmented_view(crops(), index)) for index in range(views)], axis=0)
    found = average_augmented_views(embed, crops(), views=views)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize(("views", "alike"), [(1, {0}), (4, {0, 1, 2, 3}), (8, set(range(8)))])
def test_the_average_is_the_same_for_a_turned_or_mirrored_crop(views: int, alike: set[int]) -> None:
    plain = average_augmented_views(embed, crops(), views=views)
    for index in range(8):
        other = average_augmented_views(embed, augmented_view(crops(), index), views=views)
        assert np.allclose(other, plain, rtol=1e-4, atol=0.1) == (index in alike), index


def test_a_linear_head_on_the_average_gives_the_average_of_its_logits() -> None:
    head = np.random.default_rng(5).normal(size=(5, 3)).astype(np.float32)
    logits = np.mean([embed(augmented_view(crops(), index)) @ head for index in range(8)], axis=0)
    np.testing.assert_allclose(
        average_augmented_views(embed, crops(), views=8) @ head, logits, rtol=1e-3
    )


def test_other_numbers_of_views_are_refused() -> None:
    with pytest.raises(ValueError, match="1, 4, 8"):
        average_augmented_views(embed, crops(), views=2)
