"""Crops at tile size: decoded in workers, what is visible first, bounded in memory.

The view says again and again what it wants, in order; only the latest wish counts, so a fast
scroll never leaves a queue behind. Two small batches are under way at most: one is decoded while
the other is handed over.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from wbc_desktop.gui.gallery.scene import Scene
from wbc_desktop.gui.tasks import Task, TaskRunner

Loader: TypeAlias = Callable[[Sequence[int], int], Mapping[int, QImage]]
"""Cell ids and the longest side asked for in pixels → their crops, of that size or any other.

Called in a worker. Cells that cannot be decoded are left out.
"""

_log = logging.getLogger(__name__)

_BATCH = 24
_UNDER_WAY = 2
_KEPT_BYTES = 40 << 20
_KEPT_VIEWS = 1.5  # of what a view wants at once, where that is more
_SMOOTH_UP_TO = 4.0


class ThumbnailCache(QObject):
    """Images by cell id, ready to be drawn without scaling.

    Signals:
        arrived: A tuple of cell ids whose image came, or turned out not to exist.
        failed: The exception of a loader that failed as a whole.

    Args:
        parent: Owner.
        kept_bytes: Bound of the images kept, unless one view wants nearly as much.
    """

    arrived = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, kept_bytes: int = _KEPT_BYTES) -> None:
        super().__init__(parent)
        self._loader: Loader | None = None
        self._tasks: TaskRunner | None = None  # of its own: pictures do not queue behind imports
        self._least_bound = self._bound = kept_bytes
        self._images: OrderedDict[int, tuple[int, QImage | None]] = OrderedDict()
        self._bytes = 0
        self._size = 0
        self._sharp: set[int] = set()  # cells whose entry is of the present size
        self._wanted: list[int] = []
        self._under_way: dict[Task, frozenset[int]] = {}

    @property
    def n_bytes(self) -> int:
        """Bytes of the images kept."""
        return self._bytes

    @property
    def busy(self) -> bool:
        """True while anything wanted has not arrived."""
        return bool(self._under_way or self._wanted)

    def image(self, cell_id: int) -> QImage | None:
        """Return a crop, possibly of a former size, or None while it is not there."""
        entry = self._images.get(cell_id)
        if entry is None:
            return None
        self._images.move_to_end(cell_id)
        return entry[1]

    def is_missing(self, cell_id: int) -> bool:
        """Tell whether the loader had no image of a cell."""
        entry = self._images.get(cell_id)
        return entry is not None and entry[1] is None

    def want(self, cell_ids: Sequence[int], *, size: int) -> None:
        """Replace the wish list.

        Args:
            cell_ids: Cells, most urgent first.
            size: Longest side of the images in device pixels.
        """
        if size != self._size:
            self._drop_tasks()
            self._size = size
            self._sharp = {c for c, entry in self._images.items() if entry[0] == size}
        view = len(cell_ids) * 4 * size * size
        self._bound = max(self._least_bound, round(_KEPT_VIEWS * view))
        there = self._sharp.union(*self._under_way.values()) if self._under_way else self._sharp
        self._wanted = [c for c in cell_ids if c not in there]
        self._start()

    def set_loader(self, loader: Loader | None) -> None:
        """Forget all images and take them from another loader.

        The former loader is no longer running when this returns; with None no thread is left.
        """
        self._drop_tasks()
        self._wanted = []
        self._images.clear()
        self._sharp.clear()
        self._bytes = 0
        if self._tasks is not None:
            self._tasks.shut_down()
            self._tasks.deleteLater()
            self._tasks = None
        self._loader = loader
        if loader is not None:
            self._tasks = TaskRunner(self)

    def _drop_tasks(self) -> None:
        for task in self._under_way:
            task.cancel()
        self._under_way.clear()

    def _start(self) -> None:
        if self._loader is None or self._tasks is None:
            return
        while self._wanted and len(self._under_way) < _UNDER_WAY:
            batch, self._wanted = self._wanted[:_BATCH], self._wanted[_BATCH:]
            self._run(tuple(batch), self._loader, self._tasks)

    def _run(self, batch: tuple[int, ...], loader: Loader, tasks: TaskRunner) -> None:
        size = self._size

        def load() -> dict[int, QImage]:
            return {c: prepared(image, size) for c, image in loader(batch, size).items()}

        def keep(images: dict[int, QImage]) -> None:
            self._under_way.pop(task, None)
            for cell_id in batch:
                self._put(cell_id, size, images.get(cell_id))
            self._start()
            self.arrived.emit(batch)

        def fail(error: Exception) -> None:
            self._under_way.pop(task, None)
            self._wanted = []  # wanted again at the next scroll; no endless retry
            _log.error("no pictures for the gallery", exc_info=error)
            self.failed.emit(error)

        task = tasks.call(load, on_result=keep, on_error=fail)
        self._under_way[task] = frozenset(batch)

    def _put(self, cell_id: int, size: int, image: QImage | None) -> None:
        _, old = self._images.pop(cell_id, (0, None))
        self._bytes += _n_bytes(image) - _n_bytes(old)
        self._images[cell_id] = (size, image)
        if size == self._size:
            self._sharp.add(cell_id)
        while self._bytes > self._bound and len(self._images) > 1:
            gone, (_, oldest) = self._images.popitem(last=False)
            self._sharp.discard(gone)
            self._bytes -= _n_bytes(oldest)


def prepared(image: QImage, size: int) -> QImage:
    """Scale a crop so that its longest side is ``size``, undistorted, in the screen's format.

    Small crops are enlarged smoothly up to 4×, and with hard pixels beyond that: what the camera
    did not see is not painted in.
    """
    longest = max(image.width(), image.height())
    if not longest:
        return image
    smooth = size <= _SMOOTH_UP_TO * longest
    mode = (
        Qt.TransformationMode.SmoothTransformation
        if smooth
        else Qt.TransformationMode.FastTransformation
    )
    scaled = image.scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio, mode)
    return scaled.convertToFormat(QImage.Format.Format_RGB32)


def _n_bytes(image: QImage | None) -> int:
    return 0 if image is None else image.sizeInBytes()


class ThumbnailRequests:
    """Remembers the direction of the last scroll, to read ahead in it."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._last = 0

    def cells(self, scene: Scene, *, scroll: int, height: int, ratio: float) -> list[int] | None:
        """Return the cells whose pictures are wanted, most urgent first, or None if none is new.

        Args:
            scene: What is shown.
            scroll: How far it is scrolled down.
            height: Height of the viewport.
            ratio: Device pixels per device-independent pixel.
        """
        asked = (scene, scroll, height, ratio)
        if asked == self._asked:
            return None
        self._asked = asked
        forward = scroll >= self._last
        self._last = scroll
        below, above = scroll + height, scroll - height
        half = height // 2
        ahead = (below, height) if forward else (above, height)
        behind = (above + half, half) if forward else (below, half)
        wanted: list[int] = []
        for top, span in ((scroll, height), ahead, behind):
            for run in scene.runs(top, span):
                wanted += scene.model.cell_ids(run.first, run.stop).tolist()
        return list(dict.fromkeys(wanted))

    def forget(self) -> None:
        """Ask again for everything."""
        self._asked = ()
