"""The arithmetic of tiles and headers."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from wbc_desktop.domain.filter.arrangement import Section
from wbc_desktop.gui.gallery.layout import NOWHERE, GalleryLayout, Metrics

METRICS = Metrics(tile=100, caption=20, header=30)


@st.composite
def layouts(draw: st.DrawFn) -> GalleryLayout:
    counts = draw(st.lists(st.integers(1, 40), max_size=6))
    ends = np.cumsum([0, *counts]).tolist()
    sections = [Section(i, a, b) for i, (a, b) in enumerate(pairwise(ends))]
    collapsed = draw(st.sets(st.sampled_from(range(len(counts))))) if counts else set()
    return GalleryLayout(
        metrics=Metrics(tile=draw(st.integers(64, 320)), caption=20, header=30),
        width=draw(st.integers(50, 1500)),
        sections=sections,
        collapsed=frozenset(collapsed),
    )


def open_positions(layout: GalleryLayout) -> list[int]:
    closed = layout.collapsed
    return [
        p for i, s in enumerate(layout.sections) if i not in closed for p in range(s.start, s.stop)
    ]


@given(layouts())
def test_every_point_of_a_tile_leads_back_to_its_position(layout: GalleryLayout) -> None:
    for position in open_positions(layout):
        rect = layout.rect_of(position)
        for point in (rect.topLeft(), rect.center(), rect.bottomRight()):
            assert layout.position_at(point) == position
        assert layout.section_at(rect.center().y()) == layout.section_of(position)


@given(layouts())
def test_tiles_and_headers_do_not_overlap_and_lie_within_the_height(layout: GalleryLayout) -> None:
    rects = [layout.rect_of(p) for p in open_positions(layout)]
    headers = [layout.header_rect(i) for i in range(len(layout.sections))]
    for rect in [*rects, *headers]:
        assert rect.top() >= 0
        assert rect.bottom() < layout.height
    for a, b in pairwise(rects):
        assert not a.intersects(b)
    for header in headers:
        assert not any(header.intersects(rect) for rect in rects)


@given(layouts(), st.integers(-50, 4000), st.integers(1, 900))
def test_runs_are_just_the_tiles_that_touch_the_band(
    layout: GalleryLayout, top: int, height: int
) -> None:
    band = QRect(0, top, 5000, height)
    got = [p for run in layout.runs(top, top + height) for p in range(run.first, run.stop)]
    assert got == [p for p in open_positions(layout) if layout.rect_of(p).intersects(band)]


@given(
    layouts(),
    st.tuples(st.integers(-20, 1500), st.integers(-20, 2500)),
    st.tuples(st.integers(0, 900), st.integers(0, 900)),
)
def test_a_band_takes_the_tiles_it_touches_without_their_frames(
    layout: GalleryLayout, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    band = QRect(QPoint(*corner), QPoint(corner[0] + size[0], corner[1] + size[1]))
    frame = layout.metrics.frame
    wanted = [
        p
        for p in open_positions(layout)
        if layout.rect_of(p).adjusted(frame, frame, -frame, -frame).intersects(band)
    ]
    assert layout.positions_in(band).tolist() == wanted


def test_a_header_sticks_until_the_next_one_pushes_it_out() -> None:
    layout = GalleryLayout(
        metrics=METRICS, width=500, sections=[Section(0, 0, 20), Section(1, 20, 21)]
    )
    end = layout.header_rect(1).top()
    assert layout.sticky_rect(0, 0).top() == 0
    assert layout.sticky_rect(0, 200).top() == 200
    assert layout.sticky_rect(0, end - 10).bottom() == end - 1
    assert layout.sticky_rect(1, end - 10).top() == end
    assert layout.sticky_rect(1, end + 5).top() == end + 5


def test_a_narrow_view_still_has_one_column() -> None:
    layout = GalleryLayout(metrics=METRICS, width=20, sections=[Section(0, 0, 3)])
    assert layout.columns == 1
    assert layout.position_at(layout.rect_of(2).center()) == 2


def test_nothing_lies_between_tiles_or_after_the_last() -> None:
    layout = GalleryLayout(metrics=METRICS, width=500, sections=[Section(0, 0, 5)])
    first, last = layout.rect_of(0), layout.rect_of(4)
    assert layout.position_at(first.topRight() + QPoint(1, 0)) == NOWHERE
    assert layout.position_at(first.bottomLeft() + QPoint(0, 1)) == NOWHERE
    assert layout.position_at(last.center() + QPoint(last.width() + 4, 0)) == NOWHERE
    assert layout.position_at(QPoint(10, layout.height + 5)) == NOWHERE


def test_a_million_cells_fit_into_a_scroll_bar() -> None:
    layout = GalleryLayout(
        metrics=Metrics(tile=320, caption=40, header=40), width=100, sections=[Section(0, 0, 10**6)]
    )
    assert layout.height < 2**31
    assert layout.position_at(layout.rect_of(999_999).center()) == 999_999
