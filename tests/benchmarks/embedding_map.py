"""The embedding map with 100,000 points, against pyqtgraph's own scatter plot in the same run.

Points are drawn around 16 centres in 64 directions, one in ten bears a person's label. A frame is
one step of a pan or zoom until its pixels are there, at 900 × 800 on the raster platform.
"""

import os
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

POINTS = 100_000
FRAMES = 300
SIZE = (900, 800)


def measure(rounds: int | None = None) -> dict[str, float]:
    """Lay out, paint, pan, zoom and lasso.

    Args:
        rounds: Frames of ours; the rival gets a tenth of them.

    Returns:
        Seconds of the overview and of the whole layout, milliseconds of a similarity, of a lasso
        and of frames (ours and pyqtgraph's), and how many times faster ours are. What ends in
        ``cpu_s`` and ``cpu_ms`` is processor time, which other load does not lengthen.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from wbc_desktop.services.embeddings.projection import layout, overview
    from wbc_desktop.services.embeddings.similarity import Similarity

    frames = rounds or FRAMES
    group, reduced = _cells()
    similarity = Similarity(np.arange(POINTS), reduced)
    alike_ms = 1000 * min(_timed(lambda: similarity.to(77)) for _ in range(5))
    started, used = time.perf_counter(), time.process_time()
    start = overview(similarity)
    overview_s = time.perf_counter() - started
    *_, last = layout(similarity, start)
    layout_s, layout_cpu_s = time.perf_counter() - started, time.process_time() - used
    ours, cpu_ms, lasso_ms = _our_frames(group, last.positions, frames)
    theirs = _their_frames(last.positions, max(10, frames // 10))
    return {
        "points": POINTS,
        "overview_s": round(overview_s, 3),
        "layout_s": round(layout_s, 1),
        "layout_cpu_s": round(layout_cpu_s, 1),
        "similarity_ms": round(alike_ms, 1),
        "frames_measured": len(ours),
        "frame_ms": round(float(np.median(ours)), 1),
        "frame_cpu_ms": round(cpu_ms, 1),
        "frame_p99_ms": round(float(np.quantile(ours, 0.99)), 1),
        "lasso_ms": round(lasso_ms, 1),
        "scatter_plot_frame_ms": round(float(np.median(theirs)), 1),
        "ratio": round(float(np.median(theirs) / np.median(ours)), 1),
    }


def _cells() -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.normal(size=(16, 64))
    group = rng.integers(0, 16, POINTS)
    return group, (centres[group] + rng.normal(size=(POINTS, 64))).astype(np.float16)


def _our_frames(
    group: NDArray[np.int64], positions: NDArray[np.float32], frames: int
) -> tuple[list[float], float, float]:
    from PySide6.QtWidgets import QApplication

    from wbc_desktop.domain.cells.cell_index import CellIndex
    from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
    from wbc_desktop.gui.embedding.map_plot import EmbeddingPlot
    from wbc_desktop.gui.embedding.map_points import ColourBy, Points, coloured
    from wbc_desktop.gui.embedding.map_raster import within
    from wbc_desktop.gui.widgets.theme import LIGHT

    QApplication.instance() or QApplication([])
    rows = np.arange(POINTS)
    index = CellIndex.of(rows, predicted=group, human=np.where(rows % 10 == 0, group, -1))
    colouring = coloured(
        index, rows, ColourBy.CLASS, taxonomy=taxonomy_v1(), theme=LIGHT, patients={}
    )
    plot = EmbeddingPlot(LIGHT)
    plot.resize(*SIZE)
    plot.show()
    plot.show_positions(positions)
    shown = np.ones(POINTS, np.bool_)
    plot.show_points(Points(rows, index.human >= 0, shown, colouring), ~shown)
    QApplication.processEvents()  # not before this is there anything to paint on

    def frame(i: int) -> None:
        plot.zoom((1.05, 1 / 1.05)[i // 20 % 2])
        plot.pan(0.01 * (-1) ** (i // 10), 0.005)
        plot.viewport().repaint()

    used = time.process_time()
    times = [1000 * _timed(partial(frame, i)) for i in range(frames)]
    cpu_ms = 1000 * (time.process_time() - used) / frames
    angle = np.linspace(0, 2 * np.pi, 200)
    corners = np.stack([450 + 300 * np.cos(angle), 400 + 300 * np.sin(3 * angle)], axis=1)
    pixels = (positions.astype(np.float64) + 1) * 400
    lasso_ms = 1000 * min(_timed(lambda: within(corners, pixels)) for _ in range(5))
    plot.close()
    return times, cpu_ms, lasso_ms


def _their_frames(positions: NDArray[np.float32], frames: int) -> list[float]:
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication

    plot = pg.PlotWidget()
    plot.resize(*SIZE)
    plot.addItem(pg.ScatterPlotItem(positions[:, 0], positions[:, 1], size=3, pen=None, brush="b"))
    plot.show()
    QApplication.processEvents()  # not before this is there anything to paint on

    def frame(i: int) -> None:
        plot.getViewBox().scaleBy((1.01, 1.01) if i % 2 else (1 / 1.01, 1 / 1.01))
        plot.viewport().repaint()

    times = [1000 * _timed(partial(frame, i)) for i in range(frames)]
    plot.close()
    return times


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
