"""What fine-tuning learns from: the site's crops, rendered cells of several sites, the memory.

A batch is drawn from (seed, run, step), so that a run that goes on sees what an unbroken one saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from model.data.augment import Augmentation, augment, centre_windows
from model.data.crop_set import CACHE_SIZE, CONTEXT
from model.data.scale import INPUT_SIZE, Window, cut, find_window
from model.hierarchy import LEAVES, leaf_mask
from model.jobs.head_refit import balanced_weights
from model.rendering.renderer import Renderer
from model.rendering.sites import random_site
from model.training.criterion import TrainBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.artifacts.replay_memory import Replay
    from model.finetune.config import FineTuneConfig

CLASS_POWER: Final = 0.5  # a class of n local cells is drawn in proportion to n ** this
MARGIN: Final = round(INPUT_SIZE * (CONTEXT - 1.0) / 2.0)  # px around a crop, for augmenting


@dataclass(frozen=True)
class CropPool:
    """Crops to draw from.

    Attributes:
        crops: uint8 (n, s, s, 3), the window, with room around it where `margin` is 0.
        target: bool (n, k), the leaves of each label.
        domain: int64 (n,), rows of the run's list of domains.
        weight: float64 (n,), sampling weights; they sum to 1.
        margin: px of its mirror image that a crop gets around it when it is drawn.
    """

    crops: NDArray[np.uint8]
    target: NDArray[np.bool_]
    domain: NDArray[np.int64]
    weight: NDArray[np.float64]
    margin: int = 0

    def take(self, rows: NDArray[np.intp]) -> Tensor:
        """Return some crops with room around their windows: uint8 (m, s, s, 3)."""
        room = ((0, 0), (self.margin, self.margin), (self.margin, self.margin), (0, 0))
        return torch.from_numpy(np.pad(self.crops[rows], room, mode="reflect"))


@dataclass(frozen=True)
class ReplayPool:
    """The replay memory as batches draw from it.

    Attributes:
        embedding: float32 (n, d).
        target: bool (n, k).
        weight: float64 (n,), sampling weights: every class of every domain alike; they sum to 1.
    """

    embedding: NDArray[np.float32]
    target: NDArray[np.bool_]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, replay: Replay) -> ReplayPool:
        """Take the memory over."""
        kinds = list(zip(replay.domain.tolist(), replay.label.tolist(), strict=True))
        weight = balanced_weights(kinds)
        return cls(replay.embedding.astype(np.float32), leaf_mask(replay.label_names), weight)


class FineTuneBatch(NamedTuple):
    """What a step learns from.

    Attributes:
        crops: local ones first, with labels and domains.
        local: int64 (), how many of them are the site's.
        remembered: float32 (m, d), embeddings of the base.
        remembered_target: bool (m, k).
    """

    labelled: TrainBatch
    local: Tensor
    remembered: Tensor
    remembered_target: Tensor

    def to(self, device: torch.device) -> FineTuneBatch:
        """Return the batch on a device."""
        return FineTuneBatch(
            self.labelled.to(device),
            *(part.to(device) for part in self[1:]),
        )


def local_pool(
    crops: NDArray[np.uint8],
    labels: Sequence[str],
    *,
    site: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> CropPool:
    """Prepare a site's crops; each site is a domain.

    Args:
        crops: uint8 (n, 128, 128, 3), as the network sees them.
        labels: n leaf or parent names.
        site: int64 (n,), 0..sites - 1.
        weight: float64 (n,), > 0, how much each label is believed.
    """
    kinds = list(zip(site.tolist(), labels, strict=True))
    weight = balanced_weights(kinds, power=CLASS_POWER) * weight
    # A crop ends where the application cut it: what lies beyond is its mirror image.
    return CropPool(crops, leaf_mask(labels), site, weight / weight.sum(), margin=MARGIN)


def rendered_pool(config: FineTuneConfig, *, first_domain: int, part: int = 0) -> CropPool:
    """Render cells of every leaf at several sites nobody has seen, each a domain of its own.

    Args:
        config: says how many.
        first_domain: number of the first rendered site.
        part: 0 to learn from; others show the same sites' other cells.
    """
    rng = np.random.default_rng((config.seed, 11))
    sites = [random_site(rng) for _ in range(config.rendered_sites)]
    renderers = [Renderer(site) for site in sites]
    crops, labels, domain = [], [], []
    for column, leaf in enumerate(LEAVES):
        for index in range(config.rendered_per_class):
            number = (column + index) % len(sites)
            own = np.random.default_rng((config.seed, 12, part, column, index))
            crops.append(cut_with_margin(renderers[number].crop(leaf, own)))
            labels.append(leaf)
            domain.append(first_domain + number)
    share = np.full(len(labels), 1.0 / max(1, len(labels)))
    stacked = np.array(crops, np.uint8).reshape(-1, CACHE_SIZE, CACHE_SIZE, 3)
    return CropPool(stacked, leaf_mask(labels), np.array(domain, np.int64), share)


def cut_with_margin(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut the estimated window of a crop with room around it: uint8 (s, s, 3)."""
    found = find_window(crop)
    wide = Window(found.x, found.y, found.side * CONTEXT, found.source)
    return cut(crop, wide, size=CACHE_SIZE)


def network_crops(pool: CropPool) -> NDArray[np.uint8]:
    """Return the windows of rendered cells as the network is used: uint8 (n, 128, 128, 3)."""
    return centre_windows(torch.from_numpy(pool.crops)).numpy()


def make_batches(
    local: CropPool, rendered: CropPool, memory: ReplayPool, config: FineTuneConfig, *, run: int
) -> Callable[[int], FineTuneBatch]:
    """Return a function of the step that draws and augments that step's batch."""
    how = Augmentation()

    def make(step: int) -> FineTuneBatch:
        rng = np.random.default_rng((config.seed, 13, run, step))
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        parts = []
        for pool, count in ((local, config.local), (rendered, config.rendered)):
            rows = rng.choice(len(pool.weight), size=count, p=pool.weight)
            parts.append(
                (
                    augment(pool.take(rows), generator, how),
                    torch.from_numpy(pool.target[rows]),
                    torch.from_numpy(pool.domain[rows]),
                )
            )
        crops, target, domain = (torch.cat(part) for part in zip(*parts, strict=True))
        recalled = rng.choice(len(memory.weight), size=config.remembered, p=memory.weight)
        return FineTuneBatch(
            TrainBatch(crops, target, torch.ones(target.shape), domain),
            torch.tensor(config.local),
            torch.from_numpy(memory.embedding[recalled]),
            torch.from_numpy(memory.target[recalled]),
        )

    return make
