import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.artifacts.replay_memory import Replay, make_replay
from model.hierarchy import LEAVES
from model.jobs.head_refit import FOLDS, HeadRefit, LocalCells, adapt_head, cross_fit, grouped_folds
from model.network.head import Head

WIDTH = 24
KNOWN = ("neutrophil_segmented", "lymphocyte", "monocyte")
RNG = np.random.default_rng(0)
CENTRES = {name: RNG.normal(size=WIDTH) * 0.9 for name in KNOWN}


def cells(
    n: int, *, shift: NDArray[np.float64] | float = 0.0, seed: int = 1
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    rng = np.random.default_rng(seed)
    labels = tuple(KNOWN[i % len(KNOWN)] for i in range(n))
    rows = np.stack([CENTRES[name] for name in labels]) + rng.normal(size=(n, WIDTH)) + shift
    return rows.astype(np.float32), labels


def memory() -> Replay:
    rows, labels = cells(120)
    return make_replay(rows, labels, ["barcelona_pbc"] * len(labels))


def base() -> Head:
    """A head that reads the source well: nearest centre, in the form of a linear layer."""
    weight = np.zeros((len(LEAVES), WIDTH), np.float32)
    bias = np.full(len(LEAVES), -20.0, np.float32)
    for name, centre in CENTRES.items():
        weight[LEAVES.index(name)] = centre
        bias[LEAVES.index(name)] = -0.5 * centre @ centre
    return Head(weight, bias, 1.3, LEAVES)


def local(n: int, *, shift: NDArray[np.float64] | float = 0.0, seed: int = 5) -> LocalCells:
    rows, labels = cells(n, shift=shift, seed=seed)
    return LocalCells(rows, labels, np.ones(n), np.arange(n))


def adapt(refit: HeadRefit, site: LocalCells) -> Head:
    """The head for a site all of whose cells train."""
    trains = np.ones(len(site.labels), np.bool_)
    return adapt_head(refit, site, trains=trains, fold=grouped_folds(site.group, folds=FOLDS)).head


def out_of_fold_logits(refit: HeadRefit, site: LocalCells) -> NDArray[np.float32]:
    """What heads say of cells that they did not learn from."""
    trains = np.ones(len(site.labels), np.bool_)
    return cross_fit(refit, site, trains=trains, fold=grouped_folds(site.group, folds=FOLDS))[1]


def accuracy(head: Head, rows: NDArray[np.float32], labels: tuple[str, ...]) -> float:
    chosen = head.logits(rows).argmax(axis=1)
    return float(np.mean([LEAVES[c] == label for c, label in zip(chosen, labels, strict=True)]))


# A stain of its own that also makes monocytes look like lymphocytes.
SHIFT = 0.6 * (CENTRES["lymphocyte"] - CENTRES["monocyte"]) + 2.0 * RNG.normal(size=WIDTH)


def test_a_few_labels_of_a_foreign_site_put_the_head_right_there_and_keep_it_right_at_home() -> (
    None
):
    refit = HeadRefit(base(), memory())
    adapted = adapt(refit, local(60, shift=SHIFT))
    foreign, home = cells(300, shift=SHIFT, seed=9), cells(300, seed=10)
    assert accuracy(base(), *foreign) < 0.8
    assert accuracy(adapted, *foreign) > 0.9
    assert accuracy(adapted, *home) > accuracy(base(), *home) - 0.02
    assert adapted.classes == LEAVES


def test_labels_that_say_what_the_head_says_change_next_to_nothing() -> None:
    refit = HeadRefit(base(), memory())
    adapted = adapt(refit, local(24))
    rows, labels = cells(300, seed=10)
    assert accuracy(adapted, rows, labels) > accuracy(base(), rows, labels) - 0.02


def test_a_label_at_parent_depth_is_learned_by_its_leaves_together() -> None:
    rows, _ = cells(30, shift=SHIFT)
    parents = LocalCells(rows, ("neutrophil",) * 30, np.ones(30), np.arange(30))
    probs = HeadRefit(base(), memory()).fit(parents)
    chosen = probs.probabilities(probs.logits(rows))
    together = chosen[:, LEAVES.index("neutrophil_segmented")]
    together = together + chosen[:, LEAVES.index("neutrophil_band")]
    assert (together > 0.5).mean() > 0.9


def test_a_label_believed_less_moves_the_head_less() -> None:
    refit = HeadRefit(base(), memory())
    right = local(30, shift=SHIFT)
    wrong = tuple(KNOWN[(KNOWN.index(name) + 1) % 3] for name in right.labels)
    rows = np.concatenate([right.embedding, right.embedding])
    both = (*right.labels, *wrong)

    def share_right(doubt: float) -> float:
        weight = np.concatenate([np.ones(30), np.full(30, doubt)])
        head = refit.fit(LocalCells(rows, both, weight, np.arange(60)))
        return accuracy(head, *cells(300, shift=SHIFT, seed=9))

    assert share_right(0.1) > share_right(1.0) + 0.1


def test_confidence_of_a_site_that_is_often_wrong_is_lowered() -> None:
    site = local(60)
    rng = np.random.default_rng(3)
    noisy = tuple(str(rng.choice(KNOWN)) for _ in site.labels)
    wrong = LocalCells(site.embedding, noisy, site.weight, site.group)
    assert adapt(HeadRefit(base(), memory()), wrong).temperature > 1.5 * base().temperature


def test_logits_out_of_fold_come_from_heads_that_did_not_see_the_group() -> None:
    refit = HeadRefit(base(), memory())
    seen = local(20, shift=SHIFT)
    alone = LocalCells(seen.embedding, seen.labels, seen.weight, np.zeros(20, np.int64))
    assert np.array_equal(out_of_fold_logits(refit, alone), base().logits(seen.embedding))
    two = LocalCells(seen.embedding, seen.labels, seen.weight, np.repeat([4, 9], 10))
    of_first = refit.fit(two.rows(two.group == 9)).logits(two.embedding[two.group == 4])
    assert np.allclose(out_of_fold_logits(refit, two)[:10], of_first, atol=1e-4)


@given(group=st.lists(st.integers(0, 8), min_size=1, max_size=60), folds=st.integers(2, 6))
def test_a_group_never_stands_in_two_folds(group: list[int], folds: int) -> None:
    array = np.array(group, np.int64)
    fold = grouped_folds(array, folds=folds)
    assert all(len(set(fold[array == name])) == 1 for name in set(group))
    assert set(fold.tolist()) == set(range(min(folds, len(set(group)))))


def test_what_cannot_be_adapted_to_is_refused() -> None:
    refit = HeadRefit(base(), memory())
    none = LocalCells(np.zeros((0, WIDTH), np.float32), (), np.ones(0), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="no labelled cell"):
        refit.fit(none)
    wide = LocalCells(
        np.zeros((1, WIDTH + 1), np.float32), ("lymphocyte",), np.ones(1), np.zeros(1, np.int64)
    )
    with pytest.raises(ValueError, match="different backbones"):
        refit.fit(wide)
    with pytest.raises(ValueError, match="above 0"):
        LocalCells(
            np.zeros((1, WIDTH), np.float32), ("lymphocyte",), np.zeros(1), np.zeros(1, np.int64)
        )
    with pytest.raises(KeyError):
        refit.fit(
            LocalCells(
                np.zeros((1, WIDTH), np.float32), ("unicorn",), np.ones(1), np.zeros(1, np.int64)
            )
        )
