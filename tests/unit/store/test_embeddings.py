"""The store of embeddings: whole files or none, damage noticed, nothing of a stranger read."""

import threading
from pathlib import Path

import numpy as np
import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.embeddings import EmbeddingBatch, EmbeddingStore, crop_keys

MODEL = "cd" * 32


def batch(ids: list[int], *, width: int = 6, reduced: int = 2) -> EmbeddingBatch:
    rng = np.random.default_rng(ids[0])
    return EmbeddingBatch(
        np.array(ids, np.int64),
        np.arange(len(ids), dtype=np.uint64) + np.uint64(2**63),
        embedding=rng.normal(size=(len(ids), width)).astype(np.float16),
        reduced=rng.normal(size=(len(ids), reduced)).astype(np.float16),
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    assert store.names() == ()
    first, second = batch([5, 3, 9]), batch([1])
    store.add(first)
    store.add(second)
    names = store.names()
    assert len(names) == 2
    for name, written in zip(names, (first, second), strict=True):
        found = store.read(name)
        np.testing.assert_array_equal(found.cell_ids, written.cell_ids)
        np.testing.assert_array_equal(found.crop_keys, written.crop_keys)
        np.testing.assert_array_equal(found.embedding, written.embedding)
        np.testing.assert_array_equal(found.reduced, written.reduced)


def test_marks_tell_crops_and_scales_apart() -> None:
    one, other = "ab" * 32, "cd" * 32
    marks = crop_keys([one, one, other, one, one], [0.1, 0.1, 0.1, 0.2, None])
    assert marks[0] == marks[1]
    assert len(set(marks.tolist())) == 4


def test_models_do_not_see_one_another(tmp_path: Path) -> None:
    EmbeddingStore(tmp_path, MODEL).add(batch([1]))
    assert EmbeddingStore(tmp_path, "ef" * 32).names() == ()


def test_nothing_is_written_for_no_cells(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    store.add(
        EmbeddingBatch(
            np.empty(0, np.int64),
            np.empty(0, np.uint64),
            embedding=np.empty((0, 6), np.float16),
            reduced=np.empty((0, 2), np.float16),
        )
    )
    assert store.names() == ()


@pytest.mark.parametrize("at", [0, 12, 20, 60, -1])
def test_a_changed_byte_is_noticed_wherever_it_is(tmp_path: Path, at: int) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    store.add(batch([1, 2, 3]))
    (name,) = store.names()
    path = store.folder / name
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0x40
    path.write_bytes(raw)
    with pytest.raises(UserError, match="damaged") as told:
        store.read(name)
    assert str(path) in told.value.detail


@pytest.mark.parametrize("keep", [0, 7, 51, 60, -1])
def test_a_file_cut_short_is_noticed(tmp_path: Path, keep: int) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    store.add(batch([1, 2, 3]))
    (name,) = store.names()
    path = store.folder / name
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UserError, match="damaged"):
        store.read(name)


def test_half_a_file_of_a_crash_is_no_file(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    store.add(batch([1]))
    (store.folder / "00000002-aaaaaaaa.part").write_bytes(b"WBCEMB1\nhalf")
    assert len(store.names()) == 1


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "embeddings").write_bytes(b"a file in the way")
    with pytest.raises(UserError, match="cannot be stored") as told:
        EmbeddingStore(tmp_path, MODEL).add(batch([1]))
    assert "No label is touched" in told.value.advice


def test_several_threads_write_at_once(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    threads = [threading.Thread(target=store.add, args=(batch([i]),)) for i in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(store.read(n).cell_ids[0]) for n in store.names()) == [*range(1, 9)]


def test_removed_files_are_gone_and_may_be_gone_already(tmp_path: Path) -> None:
    store = EmbeddingStore(tmp_path, MODEL)
    store.add(batch([1]))
    store.remove([*store.names(), "never-there.emb"])
    assert store.names() == ()


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        EmbeddingBatch(
            np.array([1, 2]),
            np.zeros(2, np.uint64),
            embedding=np.zeros((2, 4), np.float32),
            reduced=np.zeros((2, 2), np.float16),
        )
