"""Nobody is evaluated on what he has learned: the splits of the job that adapts, as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.artifacts.replay_memory import evaluation_part, make_replay
from model.hierarchy import LEAVES
from model.jobs.adapt_job import evaluation_method
from model.jobs.head_refit import FOLDS, HeadRefit, LocalCells, cross_fit, grouped_folds
from model.jobs.job_cells import JobCells
from model.network.head import Head
from tests.unit.model.job_folders import MEMORY

WIDTH = 6
KNOWN = ("lymphocyte", "monocyte", "eosinophil")
RNG = np.random.default_rng(2)
ROWS = RNG.normal(size=(40, WIDTH)).astype(np.float32)
REFIT = HeadRefit(
    Head(
        RNG.normal(size=(len(LEAVES), WIDTH)).astype(np.float32),
        np.zeros(len(LEAVES), np.float32),
        1.0,
        LEAVES,
    ),
    make_replay(ROWS, [KNOWN[row % 3] for row in range(40)], ["bccd"] * 40),
)


def local_cells(group: NDArray[np.int64], label: NDArray[np.int64]) -> LocalCells:
    rows = np.random.default_rng(7).normal(size=(len(group), WIDTH)).astype(np.float32)
    return LocalCells(rows, tuple(KNOWN[at] for at in label), np.ones(len(group)), group)


@st.composite
def splits(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Groups of cells, and which of the cells train; at least one does."""
    n = draw(st.integers(2, 14))
    group = np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), np.int64)
    trains = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), np.bool_)
    trains[draw(st.integers(0, n - 1))] = True
    return group, trains


@settings(max_examples=25, deadline=None)
@given(split=splits(), data=st.data())
def test_what_is_said_of_a_cell_never_depends_on_a_label_of_its_group(
    split: tuple[NDArray[np.int64], NDArray[np.bool_]], data: st.DataObject
) -> None:
    group, trains = split
    fold = grouped_folds(group, folds=FOLDS)
    label = np.arange(len(group)) % 3
    chosen = data.draw(st.sampled_from(sorted(set(group.tolist()))))
    other = np.where(group == chosen, (label + 1) % 3, label)
    (_, before), (_, after) = (
        cross_fit(REFIT, local_cells(group, labels), trains=trains, fold=fold)
        for labels in (label, other)
    )
    np.testing.assert_array_equal(before[group == chosen], after[group == chosen])


@settings(max_examples=25, deadline=None)
@given(split=splits())
def test_a_cell_that_is_held_out_never_trains(
    split: tuple[NDArray[np.int64], NDArray[np.bool_]],
) -> None:
    group, trains = split
    fold = grouped_folds(group, folds=FOLDS)
    label = np.arange(len(group)) % 3
    other = np.where(trains, label, (label + 1) % 3)
    (head, logits), (same, again) = (
        cross_fit(REFIT, local_cells(group, labels), trains=trains, fold=fold)
        for labels in (label, other)
    )
    np.testing.assert_array_equal(head.weight, same.weight)
    np.testing.assert_array_equal(logits, again)


def test_a_label_that_trains_has_an_effect_on_other_groups() -> None:
    group, trains = np.array([0, 0, 1, 1, 2, 2]), np.ones(6, np.bool_)
    fold = grouped_folds(group, folds=FOLDS)
    label = np.arange(6) % 3
    other = np.where(group == 0, (label + 1) % 3, label)
    (_, before), (_, after) = (
        cross_fit(REFIT, local_cells(group, labels), trains=trains, fold=fold)
        for labels in (label, other)
    )
    assert np.abs(before[2:] - after[2:]).max() > 1e-3


def test_a_quarter_of_every_class_of_every_domain_is_for_evaluation_always_the_same() -> None:
    kept = evaluation_part(MEMORY)
    np.testing.assert_array_equal(kept, evaluation_part(MEMORY))
    assert 0.2 < kept.mean() < 0.26
    for domain, labels in MEMORY.counts().items():
        for label, n in labels.items():
            of_kind = np.array(MEMORY.domain_names) == domain
            of_kind &= np.array(MEMORY.label_names) == label
            assert kept[of_kind].sum() == n // 4


@pytest.mark.parametrize(
    ("n", "held_out", "method"),
    [
        (59, 30, "cross_validation"),
        (60, 20, "holdout"),
        (60, 19, "cross_validation"),
        (500, 0, "cross_validation"),
    ],
)
def test_held_out_cells_evaluate_once_they_and_all_labels_are_enough(
    n: int, held_out: int, method: str
) -> None:
    zeros, holdout = np.zeros(n, np.int64), np.arange(n) < held_out
    cells = JobCells(
        cell_id=np.arange(n),
        label=zeros,
        weight=np.ones(n),
        group=zeros,
        site=zeros,
        holdout=holdout,
        seen=np.zeros(n, np.bool_),
        embedding=np.zeros((n, WIDTH), np.float32),
        active_embedding=None,
        crops=None,
        labels=("lymphocyte",),
        sites=("",),
        sha256="0" * 64,
    )
    assert evaluation_method(cells) == method
