"""crops.db keeps bytes as they are, once, and answers from any thread."""

import hashlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit import drawn_crops
from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.crops import CropStore, prepare


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CropStore]:
    with closing(CropStore(tmp_path / "crops.db")) as opened:
        yield opened


def test_a_crop_comes_back_byte_for_byte(store: CropStore) -> None:
    data = drawn_crops.jpeg()
    stored = store.add(data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert (stored.width, stored.height) == (48, 40)
    assert store.encoded(stored.sha256) == data


def test_the_pixels_are_those_of_the_file(store: CropStore) -> None:
    stored = store.add(drawn_crops.png(3))
    assert np.array_equal(store.decoded(stored.sha256), drawn_crops.pixels(3))


def test_a_thumbnail_is_a_small_jpeg(store: CropStore) -> None:
    stored = store.add(drawn_crops.png(width=300, height=200))
    with Image.open(BytesIO(store.thumbnail(stored.sha256))) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (128, 85)


def test_the_same_crop_twice_is_kept_once(store: CropStore, tmp_path: Path) -> None:
    first = store.add(drawn_crops.png())
    assert store.add(drawn_crops.png()) == first
    with closing(sqlite3.connect(tmp_path / "crops.db")) as file:
        assert file.execute("SELECT count(*) FROM crop").fetchone() == (1,)
        assert file.execute("SELECT count(*) FROM thumbnail").fetchone() == (1,)


def test_thumbnails_leave_out_what_is_not_there(store: CropStore) -> None:
    stored = [store.add(drawn_crops.png(seed)).sha256 for seed in range(3)]
    found = store.thumbnails([stored[2], "ab" * 32, stored[0]])
    assert list(found) == [stored[2], stored[0]]
    assert found[stored[0]] == store.thumbnail(stored[0])


def test_a_missing_crop_is_named(store: CropStore) -> None:
    with pytest.raises(UserError, match="abababababab"):
        store.encoded("ab" * 32)


def test_what_is_no_picture_is_refused_and_not_kept(store: CropStore) -> None:
    data = drawn_crops.png()[:100]
    with pytest.raises(UserError, match=r"slide/7\.png"):
        store.add(data, name="slide/7.png")
    assert not store.has(hashlib.sha256(data).hexdigest())


def test_a_batch_is_kept_whole_or_not_at_all(store: CropStore) -> None:
    def crops() -> Iterator[object]:
        yield prepare(drawn_crops.png(0), name="0")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        store.add_many(crops())  # type: ignore[arg-type]  # a generator that fails half-way
    assert not store.has(hashlib.sha256(drawn_crops.png(0)).hexdigest())
    store.add(drawn_crops.png(1))  # and the store still works


def test_crops_survive_closing(tmp_path: Path) -> None:
    with closing(CropStore(tmp_path / "crops.db")) as store:
        key = store.add(drawn_crops.png()).sha256
    with closing(CropStore(tmp_path / "crops.db")) as again:
        assert again.encoded(key) == drawn_crops.png()


def test_many_threads_read_while_one_writes(store: CropStore) -> None:
    keys = [store.add(drawn_crops.png(seed)).sha256 for seed in range(4)]

    def read(index: int) -> bytes:
        return store.encoded(keys[index % 4])

    with ThreadPoolExecutor(6) as pool:
        results = pool.map(read, range(200))
        for seed in range(4, 12):
            store.add(drawn_crops.png(seed))
        assert list(results) == [drawn_crops.png(index % 4) for index in range(200)]


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = CropStore(tmp_path / "crops.db")
    store.close()
    with pytest.raises(UserError, match="closed"):
        store.has("ab" * 32)


@pytest.mark.parametrize("statement", ["DELETE FROM crop", "UPDATE crop SET width = 1"])
def test_nobody_can_take_a_crop_away(store: CropStore, tmp_path: Path, statement: str) -> None:
    store.add(drawn_crops.png())
    with (
        closing(sqlite3.connect(tmp_path / "crops.db")) as file,
        pytest.raises(sqlite3.IntegrityError, match="never"),
    ):
        file.execute(statement)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_bytes(b"some text, long enough to look at" * 40)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE t (x)")
    for name in ("notes.db", "other.db"):
        with pytest.raises(UserError, match=f"does not hold the images.*{name}"):
            CropStore(tmp_path / name)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    CropStore(tmp_path / "crops.db").close()
    with closing(sqlite3.connect(tmp_path / "crops.db")) as file, file:
        file.execute("PRAGMA user_version = 2")
    with pytest.raises(UserError, match="newer version"):
        CropStore(tmp_path / "crops.db")
