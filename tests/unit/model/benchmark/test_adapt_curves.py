"""The benchmark of adapting: what it may label, and that the published figures are its own."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.artifacts.replay_memory import make_replay
from model.benchmark.plots import svg_text
from model.benchmark.training import AdaptBase
from model.hierarchy import LEAVES, leaf_mask
from model.network.head import Head
from model.uncertainty.conformal import fit_thresholds
from tests.benchmarks.adapt import (
    COUNTS,
    WAYS,
    draw,
    draw_curves,
    next_at_random,
    next_of_queue,
    split,
)
from tests.benchmarks.adapt_plot import NAMES, learning_curves, points, read_newest, table
from tests.unit.model.held_out_cells import LABELS, held_out

KEPT = Path("docs/benchmarks/adapt.jsonl")
PICTURE = Path("docs/images/adapt.svg")


@pytest.fixture(scope="module")
def base() -> AdaptBase:
    """A base that tells classes apart but has never seen the site «moon»."""
    home, site = held_out(seed=1), held_out(seed=2, sites=("moon",), n=200)
    k = len(LEAVES)
    weight = np.zeros((k, home.embedding.shape[1]), np.float32)
    weight[:, :k] = np.eye(k, dtype=np.float32)
    weight[LEAVES.index("eosinophil"), 20] = 0.5  # the moon looks red to it
    head = Head(weight, np.zeros(k, np.float32), 1.0, LEAVES)
    probs = head.probabilities(head.logits(home.embedding))
    return AdaptBase(
        head=head,
        thresholds=fit_thresholds(probs, leaf_mask(home.labels), weights=np.ones(len(probs))),
        replay=make_replay(home.embedding, home.labels, home.sites),
        home=home,
        site=site,
        classes=LABELS,
    )


def test_a_third_of_each_class_is_never_labelled(base: AdaptBase) -> None:
    trial = split(base)
    assert not set(trial.pool) & set(trial.test)
    for label in LABELS:
        n = base.site.labels.count(label)
        assert sum(base.site.labels[row] == label for row in trial.test) == n // 3
    own = trial.drawn(3)
    assert set(own.pool) < set(trial.pool)
    assert len(set(own.pool)) == len(own.pool) == round(0.8 * len(trial.pool))
    assert not np.array_equal(np.sort(own.pool), np.sort(trial.drawn(4).pool))


def test_both_ways_choose_each_cell_once_and_the_queue_begins_with_the_doubtful(
    base: AdaptBase,
) -> None:
    trial = split(base)
    ids = np.arange(len(trial.pool)) + 1
    labelled = np.array([3, 4, 5])
    for choose in WAYS.values():
        order = choose(trial, base.head, ids, labelled)
        assert sorted([*order, *labelled]) == [*range(len(trial.pool))]
    first = next_of_queue(trial, base.head, ids, np.empty(0, np.intp))[:20]
    lot = next_at_random(trial, base.head, ids, np.empty(0, np.intp))[:20]
    probs = base.head.probabilities(base.head.logits(base.site.embedding[trial.pool])).max(axis=1)
    assert probs[first].mean() < probs[lot].mean()


def test_the_curves_rise_and_every_figure_is_written_down(
    base: AdaptBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = draw_curves("moon", base, 1, rows=tmp_path / "rows.jsonl")
    capsys.readouterr()
    assert [*told] == ["domain", "queue", "random", "other_domains_loss", "adapt_s"]
    (row,) = read_newest(tmp_path / "rows.jsonl").values()
    for way in WAYS:
        found = points(row, way)
        assert [n for n, _, _ in found] == [*COUNTS[:-1]]  # the pool is small
        assert found[-1][1] > found[0][1] + 0.05
        assert told[way] == {str(n): pytest.approx(mean, abs=1e-4) for n, mean, _ in found}
        assert all(len(scores) == 1 for scores in row["curves"][way]["f1"].values())


def test_repeats_are_the_same_in_every_run(base: AdaptBase) -> None:
    once, again = (draw(split(base), next_of_queue, (0, 10), 2) for _ in range(2))
    assert (once.f1, once.home) == (again.f1, again.home)


def kept() -> dict[str, dict[str, Any]]:
    return read_newest(KEPT)


def test_the_published_table_and_picture_are_those_of_the_rows() -> None:
    text = Path("docs/benchmarks.md").read_text(encoding="utf-8")
    for line in table(kept()).splitlines():
        assert line in text
    assert PICTURE.read_text(encoding="utf-8") == svg_text(learning_curves(kept()))
    assert f"images/{PICTURE.name}" in text


def test_the_picture_has_a_mark_for_each_figure() -> None:
    rows = kept()
    for axes, row in zip(learning_curves(rows).axes, rows.values(), strict=True):
        drawn = [len(np.asarray(line.get_xdata())) for line in axes.lines]
        assert drawn == [len(points(row, way)) for way in NAMES]


def test_the_published_curves_have_five_repeats_on_two_domains() -> None:
    rows = kept()
    assert {"bccd", "jiangxi_tecom"} <= rows.keys()
    for row in rows.values():
        for curve in row["curves"].values():
            assert all(len(scores) >= 5 for scores in curve["f1"].values())
            counts = [int(n) for n in curve["f1"]]
            assert all(a < b for a, b in pairwise(counts))
        assert json.dumps(row)
