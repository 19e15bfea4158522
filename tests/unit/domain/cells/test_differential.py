"""The differential: shares, exact intervals, and what is outside the 100 %."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from wbc_desktop.domain.cells.differential import DifferentialRow, clopper_pearson, differential
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1

TAXONOMY = taxonomy_v1()


def rows(**counts: int) -> dict[str, DifferentialRow]:
    return {row.class_id: row for row in differential(counts, TAXONOMY)}


@pytest.mark.parametrize(
    ("share", "total", "low", "high"),
    [
        # Published figures, rounded to one decimal.
        (0.00, 100, 0.0, 3.6),
        (0.00, 200, 0.0, 1.8),
        (0.00, 400, 0.0, 0.9),
        (0.00, 1000, 0.0, 0.4),
        (0.01, 100, 0.0, 5.4),
        (0.01, 200, 0.1, 3.6),
        (0.01, 400, 0.3, 2.5),
        (0.01, 1000, 0.5, 1.8),
        (0.05, 100, 1.6, 11.3),
        (0.05, 200, 2.4, 9.0),
        (0.05, 400, 3.1, 7.6),
        (0.05, 1000, 3.7, 6.5),
        (0.09, 100, 4.2, 16.4),
        (0.10, 100, 4.9, 17.6),
        (0.10, 200, 6.2, 15.0),
        (0.10, 400, 7.2, 13.4),
        (0.20, 100, 12.7, 29.2),
        (0.20, 200, 14.7, 26.2),
        (0.20, 400, 16.2, 24.3),
        (0.50, 100, 39.8, 60.2),
        (0.50, 200, 42.9, 57.1),
        (0.50, 400, 45.0, 55.0),
    ],
)
def test_intervals_agree_with_the_published_tables(
    share: float, total: int, low: float, high: float
) -> None:
    n = round(share * total)
    row = rows(neutrophil_band=n, lymphocyte=total - n)["neutrophil_band"]
    assert row.ci_low is not None
    assert row.ci_high is not None
    assert (round(row.ci_low, 1), round(row.ci_high, 1)) == (low, high)


@given(n=st.integers(0, 400), rest=st.integers(0, 400))
def test_an_interval_leaves_at_most_half_of_five_percent_on_either_side(n: int, rest: int) -> None:
    total = n + rest
    low, high = clopper_pearson(np.array([n]), np.array([total]))
    assert 0.0 <= low[0] <= high[0] <= 1.0
    if n > 0:
        assert binom.sf(n - 1, total, low[0]) == pytest.approx(0.025, abs=1e-6)
    if n < total:
        assert binom.cdf(n, total, high[0]) == pytest.approx(0.025, abs=1e-6)


def test_a_parent_sums_its_leaves_and_its_own_labels_without_counting_twice() -> None:
    table = rows(neutrophil_segmented=50, neutrophil_band=10, neutrophil=20, lymphocyte=20)
    assert (table["neutrophil"].n, table["neutrophil"].n_own) == (80, 20)
    assert sum(row.n_own for row in table.values() if row.counted) == 100
    assert table["neutrophil"].percent == pytest.approx(80.0)
    assert table["neutrophil_segmented"].percent == pytest.approx(50.0)
    assert {row.denominator for row in table.values()} == {100}
    assert table["immature_granulocyte"].n == 0


def test_cells_outside_the_hundred_percent_are_reported_per_hundred_leukocytes() -> None:
    table = rows(lymphocyte=50, erythroblast=100, artefact=3)
    erythroblast = table["erythroblast"]
    assert not erythroblast.counted
    assert erythroblast.denominator == 50
    assert erythroblast.percent == pytest.approx(200.0)
    assert erythroblast.ci_low is not None
    assert erythroblast.ci_high is not None
    # 100 of 150 is 58.5–74.1 %; as a ratio to the other 50: p / (1 − p).
    assert erythroblast.ci_low == pytest.approx(141.1, abs=0.2)
    assert erythroblast.ci_high == pytest.approx(286.6, abs=0.5)
    assert table["lymphocyte"].percent == pytest.approx(100.0)
    assert table["lymphocyte"].ci_high == pytest.approx(100.0)


def test_without_a_counted_cell_there_is_no_percentage() -> None:
    table = rows(artefact=4, unidentified=1)
    assert table["artefact"].n == 4
    assert all(row.percent is None and row.ci_low is None for row in table.values())


def test_unknown_labels_and_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="taxonomy"):
        differential({"dragon": 1}, TAXONOMY)
    with pytest.raises(ValueError, match="taxonomy"):
        differential({"lymphocyte": -1}, TAXONOMY)
