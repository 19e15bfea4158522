"""Pictures come from workers, in time, in bounds, and never from yesterday."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import DrawnCrops, crop
from wbc_desktop.gui.gallery.thumbnails import ThumbnailCache, prepared


@pytest.fixture
def cache(qapp: object) -> Iterator[ThumbnailCache]:
    made = ThumbnailCache(kept_bytes=64 * 64 * 4 * 50)
    yield made
    made.set_loader(None)


def settle(qtbot: QtBot, cache: ThumbnailCache) -> None:
    qtbot.waitUntil(lambda: not cache.busy)


def test_wanted_pictures_arrive_at_the_size_asked_for(qtbot: QtBot, cache: ThumbnailCache) -> None:
    cache.set_loader(DrawnCrops())
    assert cache.image(1) is None
    with qtbot.waitSignal(cache.arrived) as signal:
        cache.want([1, 2], size=64)
    assert signal.args == [(1, 2)]
    image = cache.image(1)
    assert image is not None
    assert (image.width(), image.height()) == (64, 64)


def test_the_first_wanted_come_first_and_the_latest_wish_counts(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    crops = DrawnCrops()
    crops.gate.clear()
    cache.set_loader(crops)
    cache.want(range(1000), size=64)
    cache.want(range(5000, 5010), size=64)
    crops.gate.set()
    settle(qtbot, cache)
    asked = [cell for batch, _ in crops.asked for cell in batch]
    assert asked[0] == 0
    assert asked[-10:] == list(range(5000, 5010))
    assert len(asked) < 100  # the queue of the first wish is gone


def test_what_is_there_is_not_asked_for_again(qtbot: QtBot, cache: ThumbnailCache) -> None:
    crops = DrawnCrops()
    cache.set_loader(crops)
    for _ in range(2):
        cache.want([1, 2, 3], size=64)
        settle(qtbot, cache)
    assert crops.asked == [((1, 2, 3), 64)]


def test_another_size_is_fetched_while_the_old_picture_serves(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    cache.set_loader(DrawnCrops())
    cache.want([1], size=64)
    settle(qtbot, cache)
    cache.want([1], size=32)
    old = cache.image(1)
    assert old is not None
    assert old.width() == 64
    settle(qtbot, cache)
    new = cache.image(1)
    assert new is not None
    assert new.width() == 32


def test_late_pictures_of_another_workspace_are_dropped(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    started, gate = threading.Event(), threading.Event()

    def slow(cell_ids: Sequence[int], size: int) -> dict[int, QImage]:
        started.set()
        assert gate.wait(10)
        return {c: crop(1) for c in cell_ids}

    cache.set_loader(slow)
    cache.want([1], size=64)
    assert started.wait(10)
    threading.Timer(0.05, gate.set).start()
    cache.set_loader(DrawnCrops())  # returns once the old loader has left
    assert gate.is_set()
    cache.want([2], size=64)
    settle(qtbot, cache)
    assert cache.image(2) is not None
    assert cache.image(1) is None


def test_memory_is_bounded_and_what_was_not_looked_at_goes_first(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    cache.set_loader(DrawnCrops())
    cache.want(range(30), size=64)
    settle(qtbot, cache)
    assert cache.image(0) is not None  # looked at
    cache.want(range(100, 130), size=64)
    settle(qtbot, cache)
    assert cache.n_bytes <= 64 * 64 * 4 * 50
    assert cache.image(0) is not None
    assert cache.image(1) is None


def test_what_one_view_wants_is_kept_whatever_the_bound(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    cache.set_loader(DrawnCrops())
    cache.want(range(200), size=64)
    settle(qtbot, cache)
    assert all(cache.image(cell_id) is not None for cell_id in range(200))


def test_a_cell_without_a_picture_is_known_as_such(qtbot: QtBot, cache: ThumbnailCache) -> None:
    cache.set_loader(DrawnCrops(missing=frozenset({2})))
    cache.want([1, 2], size=64)
    settle(qtbot, cache)
    assert cache.is_missing(2)
    assert not cache.is_missing(1)
    assert not cache.is_missing(3)


def test_a_loader_that_fails_is_reported_and_not_retried_for_ever(
    qtbot: QtBot, cache: ThumbnailCache
) -> None:
    def broken(cell_ids: Sequence[int], size: int) -> dict[int, QImage]:
        raise OSError("the disk is gone")

    cache.set_loader(broken)
    with qtbot.waitSignal(cache.failed) as signal:
        cache.want([1], size=64)
    assert "disk" in str(signal.args[0])
    settle(qtbot, cache)


def test_without_a_loader_nothing_is_under_way(cache: ThumbnailCache) -> None:
    cache.want([1], size=64)
    assert cache.image(1) is None


def test_crops_are_scaled_undistorted() -> None:
    wide = prepared(crop(10, 200, 100), 64)
    assert (wide.width(), wide.height()) == (64, 32)


def test_tiny_crops_are_enlarged_with_hard_pixels_beyond_four_times() -> None:
    def greys(width: int) -> set[int]:
        image = QImage(width, width, QImage.Format.Format_RGB888)
        image.fill(0)
        for y in range(width):
            image.setPixelColor(0, y, "white")
        scaled = prepared(image, 64)
        return {scaled.pixelColor(x, 32).red() for x in range(64)}

    assert greys(8) == {0, 255}
    assert len(greys(32)) > 2
