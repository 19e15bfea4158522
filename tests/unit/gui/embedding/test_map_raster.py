"""Points in pixels: where they are meant, by shape, and never outside the image."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from wbc_desktop.gui.embedding.map_raster import Layer, diamond, disc, raster, rgb, within

GROUND, RED, BLUE = rgb("#FFFFFF"), rgb("#FF0000"), rgb("#0000FF")


def painted(
    pixels: list[tuple[float, float]], layers: list[Layer], size: tuple[int, int] = (20, 10)
) -> NDArray[np.uint32]:
    return raster(np.array(pixels, np.float64).reshape(-1, 2), layers, size=size, ground=GROUND)


def test_a_point_stands_on_its_pixel() -> None:
    image = painted([(7.6, 3.2)], [Layer(np.array([0]), disc(1.0), RED)])
    assert image.shape == (10, 20)
    found = {(int(x), int(y)) for y, x in np.argwhere(image == RED)}
    assert found == {(7, 3), (6, 3), (8, 3), (7, 2), (7, 4)}


def test_the_marks_of_model_and_person_differ_in_shape() -> None:
    model, person = ({tuple(p) for p in shape.tolist()} for shape in (disc(4.0), diamond(4.0)))
    assert {(3, 2), (-2, 3), (2, -3)} <= model - person
    assert {(4, 0), (0, -4), (2, 2)} <= person


def test_later_layers_lie_above_and_each_point_has_its_colour() -> None:
    colours = np.array([RED, BLUE], np.uint32)
    image = painted(
        [(2, 2), (12, 2)],
        [
            Layer(np.array([0, 1]), disc(2.0), GROUND),
            Layer(np.array([1, 0]), disc(0.5), colours),
        ],
    )
    assert image[2, 12] == RED
    assert image[2, 2] == BLUE


@pytest.mark.parametrize("far", [-1e300, -50.0, -1.0, 9.0, 10.0, 26.0, 1e300, np.inf])
def test_points_beyond_the_edge_are_no_trouble(far: float) -> None:
    image = painted([(far, far), (far, 5), (5, far)], [Layer(np.arange(3), disc(7.0), RED)])
    assert image.shape == (10, 20)


def test_within_agrees_with_qt_on_a_crooked_polygon() -> None:
    rng = np.random.default_rng(5)
    polygon = rng.uniform(0, 10, (17, 2))
    places = rng.uniform(-1, 11, (2000, 2))
    qt = QPolygonF([QPointF(x, y) for x, y in polygon])
    wanted = [qt.containsPoint(QPointF(x, y), Qt.FillRule.OddEvenFill) for x, y in places]
    assert within(polygon, places).tolist() == wanted
    assert 0 < sum(wanted) < 2000


def test_two_corners_hold_nothing() -> None:
    assert not within(np.zeros((2, 2)), np.zeros((3, 2))).any()
