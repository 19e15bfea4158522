"""Which crops the replay memory keeps: the same room for each class of each domain."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.data.crop_set import Record, load_evaluation_set
from model.training.replay_crops import choose_crops, collect_replay, equal_room

SIZES = {("bccd", "monocyte"): 40, ("bccd", "basophil"): 2, ("barcelona_pbc", "monocyte"): 300}


def records() -> list[Record]:
    return [
        Record(f"{domain}/{label}/{index}.png", domain, label)
        for (domain, label), size in SIZES.items()
        for index in range(size)
    ]


def test_every_class_of_every_domain_has_the_same_room() -> None:
    chosen = choose_crops(records(), cells=50, seed=1)
    count = Counter((record.domain, record.label) for record in chosen)
    assert count == {key: min(size, 24) for key, size in SIZES.items()}
    assert len(set(chosen)) == len(chosen)


def test_the_choice_hangs_on_the_seed_and_not_on_the_order() -> None:
    chosen = choose_crops(records(), cells=50, seed=1)
    assert choose_crops(records()[::-1], cells=50, seed=1) == chosen
    assert choose_crops(records(), cells=50, seed=2) != chosen


def test_all_are_kept_where_there_is_room_for_all() -> None:
    assert set(choose_crops(records(), cells=10_000, seed=1)) == set(records())


def test_room_for_less_than_one_of_each_is_refused() -> None:
    with pytest.raises(ValueError, match="3 classes of domains do not fit into 2"):
        choose_crops(records(), cells=2, seed=1)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(12, 400))
def test_room_is_the_largest_that_fits(sizes: list[int], cells: int) -> None:
    def taken(room: int) -> int:
        return sum(min(size, room) for size in sizes)

    room = equal_room(sizes, cells)
    assert 1 <= room <= max(sizes)
    assert taken(room) <= cells
    assert room == max(sizes) or taken(room + 1) > cells


def test_chosen_crops_are_embedded_as_the_application_shows_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    training = [record for record in records() if record.domain == "bccd"][::4]
    for record in training:
        (tmp_path / record.path).parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (50, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / record.path)

    def means(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = (crops.mean(axis=(1, 2)) / 255).astype(np.float32)
        return result

    memory = collect_replay(training, tmp_path, embed=means, seed=4, cells=6)
    chosen = choose_crops(training, cells=6, seed=4)
    assert memory.label_names == tuple(record.label for record in chosen)
    assert memory.domain_names == ("bccd",) * len(chosen)
    expected = means(load_evaluation_set(chosen, tmp_path).crops)
    np.testing.assert_allclose(memory.embedding, expected, atol=5e-4)
