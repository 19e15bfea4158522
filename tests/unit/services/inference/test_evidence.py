"""Evidence maps of the shipped model on drawn crops, and the scale that is shown."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.services.small_workspace import TAXONOMY
from wbc_desktop.domain.taxonomy.classes import UNIDENTIFIED
from wbc_desktop.services.inference.evidence import EvidenceMaps, crop_scale
from wbc_desktop.store.workspace import Workspace


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvidenceMaps]:
    with Workspace.open(tmp_path_factory.mktemp("evidence") / "w", create=True) as workspace:
        yield EvidenceMaps(workspace, TAXONOMY)


def disc(x: int, y: int, *, side: int = 200) -> NDArray[np.uint8]:
    pixels = np.full((side, side, 3), (235, 210, 220), dtype=np.uint8)
    rows, columns = np.mgrid[:side, :side]
    pixels[(rows - y) ** 2 + (columns - x) ** 2 < 25**2] = (100, 60, 150)
    return pixels


def test_the_map_lies_where_the_network_looked(maps: EvidenceMaps) -> None:
    found = maps.of(disc(60, 140), "monocyte", um_per_px=None)
    assert found is not None
    assert (found.x, found.y) == pytest.approx((60, 140), abs=3)
    assert found.fields.shape == (4, 4)
    known = maps.of(disc(60, 140), "monocyte", um_per_px=0.25)
    assert known is not None
    assert (known.x, known.y, known.side) == (100, 100, 100)


def test_a_parent_has_evidence_of_its_own(maps: EvidenceMaps) -> None:
    parent = maps.of(disc(100, 100), "neutrophil", um_per_px=None)
    leaf = maps.of(disc(100, 100), "neutrophil_segmented", um_per_px=None)
    assert parent is not None
    assert leaf is not None
    assert not np.allclose(parent.fields, leaf.fields)


def test_a_class_for_people_only_has_none(maps: EvidenceMaps) -> None:
    assert maps.of(disc(100, 100), UNIDENTIFIED, um_per_px=None) is None


def test_the_known_scale_comes_before_the_estimate() -> None:
    scale = crop_scale(disc(100, 100), 0.08)
    assert scale is not None
    assert (scale.um_per_px, scale.estimated) == (0.08, False)


def test_an_estimated_scale_says_so_and_takes_the_nucleus_as_usual() -> None:
    scale = crop_scale(disc(100, 100), None)
    assert scale is not None
    assert scale.estimated
    assert 50 * scale.um_per_px == pytest.approx(11.9, rel=0.1)  # the disc is 50 px across


def test_an_empty_crop_has_no_scale() -> None:
    assert crop_scale(np.full((80, 80, 3), 230, dtype=np.uint8), None) is None
