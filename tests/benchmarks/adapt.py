"""How fast labels of a foreign site make the model right there: ``adapt --domain NAME --json``.

A base is trained without the domain; a perfect reviewer labels its cells, chosen by the review
queue or at random, and the head is adapted to them as a job does it (``model.jobs.head_refit``). A
fixed third of the domain is the test set and is never labelled. Each repeat may label another
random four fifths of the rest, the same for both ways of choosing. Needs ``$WBC_DATA`` and the
``train`` extra.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from model.artifacts.replay_memory import evaluation_part
from model.benchmark.scores import at_depth_of, in_words_of
from model.benchmark.training import AdaptBase, BenchmarkPaths, Schedule, train_base
from model.data.crop_set import Record
from model.data.domains import RENDERED
from model.jobs import head_refit
from model.jobs.head_refit import HeadRefit, LocalCells, adapt_head, grouped_folds
from model.network.head import Head
from model.training.evaluate import evaluate, f1_per_class
from model.uncertainty.conformal import prediction_sets
from wbc_desktop.domain.cells.cell_index import STATUS_ORDER, UNREVIEWED, CellIndex
from wbc_desktop.domain.cells.prediction_set import pack
from wbc_desktop.domain.review.queue import build_queue
from wbc_desktop.domain.review.review import Status

COUNTS = (0, 10, 25, 50, 100, 200)
LEAST_POOL = 250  # cells to choose from, for 200 labels to say anything
LEAST_TEST = 10  # cells of a class, for it to be scored: here, and on the other domains
POOL_SHARE = 0.8  # of the cells that may be labelled, in each repeat
REPEATS = 5
THRESHOLD = 0.95  # of the queue, as in the window
SCHEDULE = Schedule()
ACCEPTED = STATUS_ORDER.index(Status.ACCEPTED)


@dataclass(frozen=True)
class Trial:
    """One split of the domain.

    Attributes:
        base: the model that has not seen it.
        refit: of its head.
        pool: rows that may be labelled.
        test: rows that score.
        classes: scored, at least ``LEAST_TEST`` test cells of each.
    """

    base: AdaptBase
    refit: HeadRefit
    pool: NDArray[np.intp]
    test: NDArray[np.intp]
    classes: tuple[str, ...]

    def drawn(self, seed: int) -> "Trial":
        """Return the trial with a random part of the pool."""
        rng = np.random.default_rng((seed, 8))
        count = round(POOL_SHARE * len(self.pool))
        return replace(self, pool=rng.choice(self.pool, count, replace=False))

    def macro_f1(self, head: Head) -> float:
        """Score a head on the test cells; a cell called a class that is not scored is wrong."""
        site = self.base.site
        probs = head.probabilities(head.logits(site.embedding[self.test]))
        return macro_f1(probs, [site.labels[row] for row in self.test], self.classes)

    def home_f1(self, head: Head) -> float:
        """Mean macro-F1 over the other real domains, on crops held out of training.

        A class of a domain counts where ``LEAST_TEST`` of its crops are held out: with five crops
        of a class one cell moves the mean of three domains by two points.
        """
        home = self.base.home
        records = [Record("", *pair) for pair in zip(home.sites, home.labels, strict=True)]
        metrics = evaluate(records, head.probabilities(head.logits(home.embedding)))
        scores = [
            [one["f1"] for one in metrics[name]["classes"].values() if one["n"] >= LEAST_TEST]
            for name in metrics
            if name != RENDERED
        ]
        return float(np.mean([np.mean(found) for found in scores if found]))


@dataclass
class Curve:
    """What one way of choosing gave.

    Attributes:
        f1: macro-F1 of each repeat, by number of labels.
        home: the same on the other domains.
        seconds: of each adaptation to the most labels.
    """

    f1: dict[int, list[float]] = field(default_factory=dict)
    home: dict[int, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def rounded(self) -> dict[str, float]:
        """Return the mean macro-F1 by number of labels."""
        return {str(n): round(float(np.mean(scores)), 4) for n, scores in self.f1.items()}


Choose = Callable[
    [Trial, Head, NDArray[np.intp], NDArray[np.intp]],
    NDArray[np.intp],
]


def measure(domain: str, rounds: int | None, *, rows: Path | None = None) -> dict[str, object]:
    """Train the base, then draw both curves.

    Args:
        domain: bccd, jiangxi_tecom or barcelona_pbc.
        rounds: Repeats; five if left out.
        rows: File to which everything measured is appended as one line, or None.

    Returns:
        Macro-F1 by number of labels for both ways of choosing, what the other domains lose at
        most, and seconds of one adaptation to the most labels.
    """
    if "WBC_DATA" not in os.environ:
        sys.exit("Set WBC_DATA to the folder that holds manifest.csv.")
    with tempfile.TemporaryDirectory() as folder:
        paths = BenchmarkPaths(
            Path(os.environ["WBC_DATA"]), Path(folder), Path(folder) / "rows.jsonl"
        )
        base = train_base(domain, seed=0, paths=paths, schedule=SCHEDULE)
    return draw_curves(domain, base, rounds or REPEATS, rows=rows)


def draw_curves(
    domain: str, base: AdaptBase, repeats: int, *, rows: Path | None = None
) -> dict[str, object]:
    """Draw both curves from a base; see ``measure``."""
    trial = split(base)
    counts = COUNTS if len(trial.pool) >= LEAST_POOL else COUNTS[:-1]
    known = trial.home_f1(base.head)
    print(f"{domain}: {len(trial.pool)} to label, {len(trial.test)} to test: {trial.classes}")
    # As in a job: threads that wait for one another over small matrices take ten times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        curves = {way: draw(trial, choose, counts, repeats) for way, choose in WAYS.items()}
    for way, curve in curves.items():
        for n in counts:
            print(
                f"{way:>8} {n:4d} labels  {np.mean(curve.f1[n]):.3f} ± {np.std(curve.f1[n]):.3f}"
                f"  other domains {np.mean(curve.home[n]) - known:+.3f}"
            )
    homes = [float(np.mean(scores)) for curve in curves.values() for scores in curve.home.values()]
    seconds = max(max(curve.seconds) for curve in curves.values())
    if rows is not None:
        append_row(rows, domain, trial, curves, known)
    return {
        "domain": domain,
        **{way: curve.rounded() for way, curve in curves.items()},
        "other_domains_loss": round(known - min(homes), 4),
        "adapt_s": round(seconds, 2),
    }


def draw(trial: Trial, choose: Choose, counts: tuple[int, ...], repeats: int) -> Curve:
    """Label cells and adapt to them, several times."""
    curve = Curve({n: [] for n in counts}, {n: [] for n in counts})
    for seed in range(repeats):
        own = trial.drawn(seed)
        ids = np.random.default_rng((seed, 7)).permutation(len(own.pool)) + 1
        labelled, head = np.empty(0, np.intp), trial.base.head
        for n in counts:
            labelled = np.concatenate(
                [labelled, choose(own, head, ids, labelled)[: n - len(labelled)]]
            )
            if n:
                began = time.perf_counter()
                head = adapted(trial.refit, local_cells(own, labelled))
                curve.seconds += [time.perf_counter() - began] if n == counts[-1] else []
            curve.f1[n].append(own.macro_f1(head))
            curve.home[n].append(own.home_f1(head))
    return curve


def adapted(refit: HeadRefit, local: LocalCells) -> Head:
    """Adapt as a job does where all cells train."""
    trains = np.ones(len(local.labels), np.bool_)
    fold = grouped_folds(local.group, folds=head_refit.FOLDS)
    return adapt_head(refit, local, trains=trains, fold=fold).head


def append_row(
    path: Path, domain: str, trial: Trial, curves: Mapping[str, Curve], known: float
) -> None:
    """Write down every figure of a run, for tables and plots."""
    row = {
        "domain": domain,
        "steps": SCHEDULE.steps,
        "size": SCHEDULE.size,
        "local_share": head_refit.LOCAL_SHARE,
        "pull": head_refit.L2_PER_FEATURE,
        "pool": len(trial.pool),
        "test": len(trial.test),
        "classes": trial.classes,
        "other_domains": known,
        "curves": {way: asdict(curve) for way, curve in curves.items()},
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(row)}\n")


def split(base: AdaptBase) -> Trial:
    """Keep a third of every label for the test, always the same."""
    rng = np.random.default_rng(0)
    labels = np.array(base.site.labels)
    test = np.zeros(len(labels), np.bool_)
    for label in sorted(set(base.site.labels)):
        rows = rng.permutation(np.flatnonzero(labels == label))
        test[rows[: len(rows) // 3]] = True
    tested = [in_words_of(label, base.classes) for label in labels[test]]
    classes = tuple(name for name in base.classes if tested.count(name) >= LEAST_TEST)
    kept = base.replay.rows(~evaluation_part(base.replay))  # a job keeps a quarter to judge by
    refit = HeadRefit(base.head, kept)
    return Trial(base, refit, np.flatnonzero(~test), np.flatnonzero(test), classes)


def local_cells(trial: Trial, labelled: NDArray[np.intp]) -> LocalCells:
    """Return the labels given so far; no source names patients, so each cell is its own group."""
    rows = trial.pool[labelled]
    return LocalCells(
        trial.base.site.embedding[rows],
        tuple(trial.base.site.labels[row] for row in rows),
        np.ones(len(rows)),
        np.arange(len(rows)),
    )


def next_of_queue(
    trial: Trial, head: Head, ids: NDArray[np.intp], labelled: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return places in the pool in the order of the review queue, sure cells last."""
    place = np.argsort(ids)  # of the cells in the pool, as the index holds them
    probs = head.probabilities(head.logits(trial.base.site.embedding[trial.pool[place]]))
    done = np.isin(place, labelled)
    index = CellIndex.of(
        ids[place],
        predicted=probs.argmax(axis=1),
        prob=probs.max(axis=1),
        pred_set=pack(prediction_sets(probs, trial.base.thresholds)),
        patient=np.ones(len(ids)),
        slide=np.ones(len(ids)),
        status=np.where(done, ACCEPTED, UNREVIEWED),
    )
    queue = build_queue(index, np.arange(len(index), dtype=np.int32), threshold=THRESHOLD)
    first = index.rows_of(queue.cell_ids)
    sure = np.argsort(index.prob, kind="stable")
    rest = sure[~np.isin(sure, first) & ~done[sure]]
    return np.asarray(place[np.concatenate([first, rest])], np.intp)


def next_at_random(
    trial: Trial, head: Head, ids: NDArray[np.intp], labelled: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the places in the pool that are left, in an order drawn by lot."""
    del trial, head
    order = np.argsort(ids)
    return order[~np.isin(order, labelled)]


WAYS: dict[str, Choose] = {"queue": next_of_queue, "random": next_at_random}


def macro_f1(probs: NDArray[np.float32], labels: list[str], classes: tuple[str, ...]) -> float:
    """Macro-F1 over some classes of the cells that belong to them."""
    words = [in_words_of(label, classes) for label in labels]
    kept = np.flatnonzero([word is not None for word in words])
    names, summed = at_depth_of(probs[kept], classes)
    guess = np.array(names)[summed.argmax(axis=1)]
    return float(np.mean([*f1_per_class([str(words[row]) for row in kept], guess).values()]))
