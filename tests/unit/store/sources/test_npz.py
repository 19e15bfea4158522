"""NPZ files laid out as MedMNIST, streamed."""

import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.hostile_arrays import HOSTILE_NPZ
from tests.unit.store.sources.listing import crops, paths, problems, read_all
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.decoding import decode
from wbc_desktop.store.sources import open_source

FRAMES = np.stack([drawn_crops.pixels(seed) for seed in range(4)])


def npz(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_bloodmnist_is_known_by_its_class_names(tmp_path: Path) -> None:
    path = npz(
        tmp_path / "bloodmnist_64.npz",
        test_images=FRAMES[3:],
        test_labels=np.array([[6]], np.uint8),
        train_images=FRAMES[:3],
        train_labels=np.array([[0], [3], [7]], np.uint8),
    )
    source = open_source(path)
    assert {crop.path: crop.label for crop in crops(source)} == {
        "train/000000.png": "basophil",
        "train/000001.png": "immature granulocyte",
        "train/000002.png": "platelet",
        "test/000000.png": "neutrophil",
    }
    found = read_all(source)
    assert np.array_equal(decode(found["train/000001.png"], name="x"), FRAMES[1])
    assert np.array_equal(decode(found["test/000000.png"], name="x"), FRAMES[3])


def test_numbers_of_another_set_stay_numbers(tmp_path: Path) -> None:
    path = npz(tmp_path / "own.npz", train_images=FRAMES[:1], train_labels=np.array([5]))
    assert [crop.label for crop in crops(open_source(path))] == ["5"]


def test_grey_frames_are_read(tmp_path: Path) -> None:
    path = npz(tmp_path / "own.npz", images=FRAMES[..., 0])
    (first, *_) = read_all(open_source(path)).items()
    assert first[0] == "000000.png"
    assert np.array_equal(decode(first[1], name="x")[..., 1], FRAMES[0, ..., 0])


def test_frames_may_be_asked_for_in_any_order_by_many_threads(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (300, 9, 9, 3), np.uint8)
    source = open_source(npz(tmp_path / "own.npz", images=frames))
    found = crops(source)
    order = np.random.default_rng(1).permutation(300)
    with source.opened() as reader, ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda i: reader.read(found[i]), order))
    for index, data in zip(order, results, strict=True):
        assert np.array_equal(decode(data, name="x"), frames[index])


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": FRAMES}, "no array train_images"),
        ({"train_images": FRAMES.astype(np.float32)}, "must be uint8"),
        ({"train_images": FRAMES[..., :2]}, "must be uint8"),
        ({"train_images": np.asfortranarray(FRAMES)}, "C order"),
        ({"train_images": FRAMES, "train_labels": [1]}, "1 labels for 4 images"),
        ({"train_images": FRAMES[:0]}, "holds 0 images"),
        ({"train_images": np.zeros((1, 0, 9, 3), np.uint8)}, "9 × 0 pixels"),
        ({"train_images": np.zeros((1, 5000, 5000, 3), np.uint8)}, "5,000 × 5,000 pixels"),
        ({"train_images": np.array([{}], object)}, "train_images"),
        ({"train_images": FRAMES[:1], "train_labels": np.array([{}], object)}, "train_labels"),
    ],
)
def test_another_layout_is_refused_with_its_reason(
    tmp_path: Path, arrays: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        list(open_source(npz(tmp_path / "own.npz", **arrays)).entries())


def test_a_header_that_promises_more_than_is_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    header = {"descr": "|u1", "fortran_order": False, "shape": (10_000_000, 64, 64, 3)}
    with zipfile.ZipFile(path, "w") as archive, archive.open("images.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, header)
    with pytest.raises(UserError, match="ends before its last image"):
        list(open_source(path).entries())


@pytest.mark.parametrize("kind", HOSTILE_NPZ)
def test_what_was_made_to_do_harm_is_refused_and_what_lies_beside_it_is_read(
    tmp_path: Path, kind: str
) -> None:
    write, reason = HOSTILE_NPZ[kind]
    write(tmp_path / "P9.npz")
    drawn_crops.write(tmp_path, {"P1/a.png": b"A"})
    source = open_source(tmp_path)
    assert paths(source) == ["P1/a.png"]
    assert reason in problems(source)["P9.npz"]


@pytest.mark.parametrize("kind", ["a header of 100 MB", "a header of no length"])
def test_a_header_is_not_read_beyond_what_headers_have(tmp_path: Path, kind: str) -> None:
    write, _ = HOSTILE_NPZ[kind]
    write(tmp_path / "P9.npz")
    tracemalloc.start()
    with pytest.raises(UserError):
        list(open_source(tmp_path / "P9.npz").entries())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_bad_labels_of_one_split_leave_none_of_the_other_half_imported(tmp_path: Path) -> None:
    npz(tmp_path / "own.npz", train_images=FRAMES, val_images=FRAMES, val_labels=[1])
    source = open_source(tmp_path)
    assert paths(source) == []
    assert "1 labels for 4 images" in problems(source)["own.npz"]


@pytest.mark.parametrize("kept", [3, 400])
def test_a_cut_file_is_refused(tmp_path: Path, kept: int) -> None:
    path = npz(tmp_path / "own.npz", images=FRAMES)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match="not a sound NPZ"):
        list(open_source(path).entries())


def test_damage_inside_is_named(tmp_path: Path) -> None:
    path = npz(tmp_path / "own.npz", images=FRAMES)
    data = bytearray(path.read_bytes())
    data[3000:3400] = bytes(400)
    path.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        read_all(open_source(path))
