"""Expected shares as a differential gives them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wbc_desktop.domain.cells.expected_shares import expected_percents
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

TAXONOMY = taxonomy_v1()


def shares(**by_leaf: float) -> NDArray[np.float64]:
    return np.array([by_leaf.get(leaf, 0.0) for leaf in TAXONOMY.leaves])


def test_percents_are_of_the_counted_leukocytes() -> None:
    found = expected_percents(
        shares(neutrophil_segmented=0.3, neutrophil_band=0.1, lymphocyte=0.4, erythroblast=0.2),
        TAXONOMY,
    )
    assert found["neutrophil_segmented"] == pytest.approx(37.5)
    assert found["neutrophil"] == pytest.approx(50)
    assert found["lymphocyte"] == pytest.approx(50)
    assert found["erythroblast"] == pytest.approx(25)  # per 100 leukocytes
    assert "unidentified" not in found


def test_without_leukocytes_nothing_is_expected() -> None:
    assert expected_percents(shares(platelet=1.0), TAXONOMY) == {}


def test_shares_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="16 leaves"):
        expected_percents(np.ones(3), TAXONOMY)
