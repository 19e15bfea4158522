"""Choose the training crops that the replay memory keeps, and embed them.

Every class of every domain has the same room: as many crops as the smallest bound allows, all of
them where there are fewer. Within a class they are drawn at random. A random draw spreads as the
class does, which is what refitting a head needs; crops nearest to the class mean (herding, Rebuffi
et al. 2017) would make it look too narrow, and those farthest apart (k-centre) are the first to
be mislabelled. And only what was chosen has to be embedded.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from model.artifacts.replay_memory import make_replay
from model.data.crop_set import load_evaluation_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from model.artifacts.replay_memory import Replay
    from model.data.crop_set import Record

REPLAY_CELLS: Final = 2300  # of 1280 numbers in float16: 5.9 MB


def collect_replay(
    training: Sequence[Record],
    root: Path,
    *,
    embed: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    seed: int,
    cells: int = REPLAY_CELLS,
) -> Replay:
    """Choose training crops and embed them as the application shows them, not augmented.

    Args:
        training: the training part of the split.
        root: folder with the images.
        embed: uint8 (n, s, s, 3) to float32 (n, d), the network that is shipped.
        seed: of the draw.
        cells: at most so many in all.
    """
    chosen = choose_crops(training, cells=cells, seed=seed)
    crops = load_evaluation_set(chosen, root).crops
    return make_replay(
        embed(crops), [record.label for record in chosen], [record.domain for record in chosen]
    )


def choose_crops(records: Sequence[Record], *, cells: int, seed: int) -> list[Record]:
    """Draw crops so that every class of every domain has the same room.

    Args:
        records: in any order; the choice does not depend on it.
        cells: at most so many in all, at least one for each class of each domain.
        seed: of the draw.

    Raises:
        ValueError: `cells` is less than one for each.
    """
    members: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: record.path):
        members[record.domain, record.label].append(record)
    room = equal_room([len(group) for group in members.values()], cells)
    rng = np.random.default_rng(seed)
    chosen: list[Record] = []
    for key in sorted(members):
        group = members[key]
        drawn = rng.permutation(len(group))[:room]
        chosen += [group[index] for index in np.sort(drawn)]
    return chosen


def equal_room(sizes: Iterable[int], cells: int) -> int:
    """Return the largest room for each group with which all take at most `cells`.

    Args:
        sizes: crops of each group, at least 1.
        cells: room for all.

    Raises:
        ValueError: there are more groups than room.
    """
    ascending = sorted(sizes)
    if len(ascending) > cells:
        raise ValueError(f"{len(ascending)} classes of domains do not fit into {cells} cells")
    left = cells
    for index, size in enumerate(ascending):
        share = left // (len(ascending) - index)
        if size > share:
            return share
        left -= size
    return max(ascending, default=0)
