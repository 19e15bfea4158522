"""Every method of the benchmark gives settings that the trainer takes, and differs from others."""

import pytest

from model.benchmark.methods import METHODS, settings
from model.benchmark.protocols import PROTOCOLS
from model.data.domains import DOMAINS

COUNTS = {"barcelona_pbc": 400, "bccd": 100}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_valid_settings(name: str) -> None:
    config = settings(METHODS[name], counts=COUNTS, seed=3, steps=8, size=64, threads=1)
    assert (config.seed, config.steps, config.size, config.warmup) == (3, 8, 64, 1)
    assert set(config.domain_weights) == set(COUNTS)


def test_methods_differ_from_each_other() -> None:
    seen = [
        (sorted(m.changes.items()), m.domain_power, m.site_alignment, m.case_mix, m.without)
        for m in METHODS.values()
    ]
    assert len({str(item) for item in seen}) == len(seen)


def test_balanced_batches_give_small_domains_more() -> None:
    def share(name: str) -> float:
        config = settings(METHODS[name], counts=COUNTS, seed=0, steps=8, size=64, threads=1)
        return config.domain_weights["bccd"] / sum(config.domain_weights.values())

    assert share("erm") == pytest.approx(0.2)
    assert share("erm_strong") == pytest.approx(1 / 3)


def test_no_target_is_among_the_sources() -> None:
    for folds in PROTOCOLS.values():
        for fold in folds:
            targets = {name for name, _ in fold.targets}
            assert not targets & set(fold.sources)
            assert targets | set(fold.sources) <= set(DOMAINS)
