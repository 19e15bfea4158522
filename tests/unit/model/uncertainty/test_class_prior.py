"""The usual case mix: log shares of blood, nothing for other tissues."""

import numpy as np
import pytest

from model.hierarchy import LEAVES
from model.uncertainty.class_prior import log_class_prior


def test_the_shares_of_blood_sum_to_one_and_floor_what_is_not_listed() -> None:
    shares = dict(zip(LEAVES, np.exp(log_class_prior("blood", strength=1.0)), strict=True))
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["neutrophil_segmented"] / shares["lymphocyte"] == pytest.approx(2.0)
    assert shares["lymphocyte"] / shares["erythroblast"] == pytest.approx(25.0)


def test_strength_scales_and_other_tissues_have_no_usual_mix() -> None:
    whole, half = (log_class_prior("blood", strength=s) for s in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2, rtol=1e-6)
    assert not log_class_prior("blood", strength=0.0).any()
    assert not log_class_prior("bone marrow", strength=1.0).any()
