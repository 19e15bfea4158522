"""Site alignment moves a site's embeddings towards the training sites', by the share asked for."""

import numpy as np
import pytest

from model.site_alignment import align_site


@pytest.fixture
def embeddings() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    source = rng.normal(1.0, 2.0, (400, 3)).astype(np.float32)
    site = rng.normal(5.0, 0.5, (300, 3)).astype(np.float32)
    return source, site


def test_no_amount_changes_nothing(embeddings: tuple[np.ndarray, np.ndarray]) -> None:
    source, site = embeddings
    np.testing.assert_allclose(align_site(site, source=source, amount=0.0), site, rtol=1e-5)


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_mean_and_spread_move_by_the_amount(
    embeddings: tuple[np.ndarray, np.ndarray], amount: float
) -> None:
    source, site = embeddings
    aligned = align_site(site, source=source, amount=amount)
    mean = (1 - amount) * site.mean(axis=0) + amount * source.mean(axis=0)
    spread = site.std(axis=0) ** (1 - amount) * source.std(axis=0) ** amount
    np.testing.assert_allclose(aligned.mean(axis=0), mean, rtol=1e-3)
    np.testing.assert_allclose(aligned.std(axis=0), spread, rtol=1e-2)
