"""What adapting to an unseen domain starts from: a head, its memory, and cells of both sides.

The base is WBC-robust trained on the other domains by the benchmark's schedule. Alignment and case
mix stay out, as in the application (ADR 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.replay_memory import Replay, make_replay
from model.benchmark.methods import METHODS
from model.benchmark.protocols import PROTOCOLS
from model.benchmark.run import BenchmarkPaths, Schedule, train_fold
from model.hierarchy import LEAVES, leaf_mask
from model.network.head import Head
from model.training.replay_crops import REPLAY_CELLS, choose_crops
from model.uncertainty.calibration import fit_temperature
from model.uncertainty.conformal import Thresholds, fit_thresholds
from model.uncertainty.estimator import site_weights

if TYPE_CHECKING:
    from model.uncertainty.estimator import CalibrationSet

FOLD_OF: Final = {fold.targets[0][0]: fold for fold in PROTOCOLS["A1"]}


@dataclass(frozen=True)
class AdaptBase:
    """A model that has not seen a site.

    Attributes:
        head: calibrated on held-out crops of the sources.
        thresholds: of its prediction sets.
        replay: embeddings of training crops.
        home: crops of the sources that were held out.
        site: every crop of the unseen domain.
        classes: what the domain's labels are scored by.
    """

    head: Head
    thresholds: Thresholds
    replay: Replay
    home: CalibrationSet
    site: CalibrationSet
    classes: tuple[str, ...]


def train_base(domain: str, *, seed: int, place: BenchmarkPaths, schedule: Schedule) -> AdaptBase:
    """Train on every other domain and embed what adapting needs.

    Args:
        domain: a target of protocol A1.
        seed: of the run.
        place: where the data and the prepared crops lie.
        schedule: steps, size and threads.

    Raises:
        KeyError: no fold leaves the domain out.
    """
    fold = FOLD_OF[domain]
    trained = train_fold(METHODS["robust"], fold, seed=seed, place=place, schedule=schedule)
    home = trained.cells(trained.validation)
    row_of = {trained.records[row]: row for row in trained.training}
    chosen = choose_crops(list(row_of), cells=REPLAY_CELLS, seed=seed)
    kept = trained.cells(np.array([row_of[record] for record in chosen]))
    layer = trained.state.average.head
    fitted = home.rows(home.real)
    mask, weights = leaf_mask(fitted.labels), site_weights(fitted.sites)
    temperature = fit_temperature(fitted.logits, mask, weights)
    return AdaptBase(
        head=Head(
            layer.weight.detach().numpy().copy(),
            layer.bias.detach().numpy().copy(),
            temperature,
            LEAVES,
        ),
        thresholds=fit_thresholds(fitted.probabilities(temperature), mask, weights=weights),
        replay=make_replay(kept.embedding, kept.labels, kept.sites),
        home=home,
        site=trained.cells(np.flatnonzero(trained.domain == domain)),
        classes=fold.targets[0][1],
    )
