"""What the map shows of each cell: its place, colour, mark, and whether it is selected.

Everything is numpy, one row for each cell with an embedding; nothing here paints or knows Qt's
widgets. To colour the map by something else, add it to ``ColourBy`` and give its ``Colouring``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, CellIndex
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.gui.embedding.map_raster import Layer, diamond, disc, rgb
from wbc_desktop.gui.widgets.theme import Theme, mix

_PLACES_NAMED = 10  # patients with a colour of their own; the rest share one
_RINGED = 5000  # selected points with a ring each; more are only recoloured
_STEPS = 5  # of confidence in the legend
# Told apart in both themes, also by readers who do not tell red from green.
_PATIENT_LIGHT = (
    *("#1F55C4", "#C45A00", "#117A65", "#A61E6E", "#7A5C00"),
    *("#5B3FBF", "#006C8C", "#8C3B1F", "#3D6B00", "#6A6A72"),
)
_PATIENT_DARK = (
    *("#8AB4F8", "#F5A25D", "#5FD3B5", "#F08CC6", "#E3C34F"),
    *("#B9A5FF", "#5CC6E8", "#E79B7F", "#A9D45B", "#B4B7BF"),
)


class ColourBy(Enum):
    """What the colour of a point says."""

    CLASS = auto()
    CONFIDENCE = auto()
    PATIENT = auto()
    STATUS = auto()


@dataclass(frozen=True)
class Key:
    """One line of the legend.

    Attributes:
        text: What the colour means; short where it also stands on the map.
        colour: ``#RRGGBB``.
        name: The same in full.
    """

    text: str
    colour: str
    name: str


@dataclass(frozen=True, eq=False)
class Colouring:
    """What colour each point has, and what that means.

    Attributes:
        codes: int64 (n,), line of the legend for each point.
        keys: The legend.
        named: The texts shall stand on the map, amid their points.
    """

    codes: NDArray[np.int64]
    keys: Sequence[Key]
    named: bool

    def used(self) -> list[Key]:
        """Return the lines of the legend that a point has, the most frequent first."""
        counts = np.bincount(self.codes, minlength=len(self.keys))
        if not self.named:
            return [key for key, count in zip(self.keys, counts, strict=True) if count]
        return [self.keys[i] for i in np.argsort(-counts, kind="stable") if counts[i]]


@dataclass(frozen=True, eq=False)
class Points:
    """The cells on the map, n of them.

    Attributes:
        rows: int64 (n,), row of each in the index of cells.
        human: bool (n,), a person gave it a label.
        shown: bool (n,), the gallery shows it: only such points can be selected.
        colouring: Their colours.
    """

    rows: NDArray[np.int64]
    human: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    colouring: Colouring


def coloured(
    index: CellIndex,
    rows: NDArray[np.int64],
    by: ColourBy,
    *,
    taxonomy: Taxonomy,
    theme: Theme,
    patients: Mapping[int, str],
) -> Colouring:
    """Colour points.

    Args:
        index: All cells.
        rows: int64 (n,), the points' rows in it.
        by: What the colour says.
        taxonomy: The classes.
        theme: The colours.
        patients: Code of each patient by row id.
    """
    match by:
        case ColourBy.CLASS:
            keys = [Key(c.code, theme.class_colour(c), c.name) for c in taxonomy.classes]
            keys.append(Key("–", theme.border, "Not classified yet"))
            codes = index.current()[rows].astype(np.int64)
            return Colouring(np.where(codes == NO_CLASS, len(keys) - 1, codes), keys, named=True)
        case ColourBy.CONFIDENCE:
            return _by_confidence(index.prob[rows], theme)
        case ColourBy.STATUS:
            keys = [
                Key(s.value.capitalize(), _status_colour(s, theme), s.value.capitalize())
                for s in STATUS_ORDER
            ]
            return Colouring(index.status[rows].astype(np.int64), keys, named=False)
        case ColourBy.PATIENT:
            return _by_patient(index.patient[rows], patients, theme)


def layers(points: Points, selected: NDArray[np.bool_], *, theme: Theme) -> list[Layer]:
    """Return what is painted, the lowest first: hidden cells, the model's, people's, selection.

    Args:
        points: n cells.
        selected: bool (n,).
        theme: The colours.
    """
    radius = _radius(len(points.rows))
    edge = 1.5 if radius > 2 else 1.0
    palette = np.array([rgb(key.colour) for key in points.colouring.keys], np.uint32)
    colours = palette[points.colouring.codes]
    hidden = np.flatnonzero(~points.shown)
    model = _mixed(np.flatnonzero(points.shown & ~points.human))
    people = _mixed(np.flatnonzero(points.shown & points.human))
    chosen = np.flatnonzero(selected & points.shown)
    plain = [
        Layer(hidden, disc(1.0), rgb(mix(theme.border, theme.surface, 0.35))),
        Layer(model, disc(radius), colours[model]),
        Layer(people, diamond(radius + 2 * edge), rgb(theme.text)),
        Layer(people, diamond(radius + edge), colours[people]),
    ]
    if len(chosen) > _RINGED:
        return [*plain, Layer(chosen, disc(radius + 1), rgb(theme.accent))]
    theirs = points.human[chosen]
    return [
        *plain,
        # A gap between ring and point: the ring shows around points of its own colour too.
        Layer(chosen, disc(radius + 4), rgb(theme.accent)),
        Layer(chosen, disc(radius + 2.5), rgb(theme.surface)),
        Layer(chosen[~theirs], disc(radius), colours[chosen[~theirs]]),
        Layer(chosen[theirs], diamond(radius + edge), colours[chosen[theirs]]),
    ]


def _radius(n: int) -> float:
    """Return the size of a point, px: smaller where there are many."""
    for most, radius in ((500, 3.0), (5000, 2.3), (30_000, 1.5)):
        if n <= most:
            return radius
    return 1.0


def _mixed(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows in an order that is always the same but favours no class: none covers another."""
    return rows[np.argsort(rows * 2_654_435_761 % 2**32, kind="stable")]


def _by_confidence(prob: NDArray[np.float32], theme: Theme) -> Colouring:
    keys = []
    for step in range(_STEPS):
        # From the text's colour over the ground to the accent: it brightens or darkens steadily.
        text = f"{100 * step // _STEPS}–{100 * (step + 1) // _STEPS} %"
        keys.append(Key(text, _ramp(step / (_STEPS - 1), theme), f"Confidence {text}"))
    keys.append(Key("none", theme.border, "Not classified yet"))
    known = np.nan_to_num(prob, nan=0.0)
    codes = np.minimum((known * _STEPS).astype(np.int64), _STEPS - 1)
    return Colouring(np.where(np.isnan(prob), _STEPS, codes), keys, named=False)


def _ramp(share: float, theme: Theme) -> str:
    """Return a colour between the warning of low confidence and the accent of high confidence."""
    low, middle, high = (
        ("#F28B66", "#C9B458", "#4F9BFF") if theme.dark else ("#B3261E", "#A88400", "#1F55C4")
    )
    if share < 0.5:
        return mix(middle, low, share * 2)
    return mix(high, middle, share * 2 - 1)


def _status_colour(status: Status, theme: Theme) -> str:
    return {
        Status.UNREVIEWED: theme.border,
        Status.ACCEPTED: theme.ok,
        Status.CORRECTED: theme.accent,
        Status.UNDECIDED: theme.warning,
    }.get(status, theme.danger)


def _by_patient(patient: NDArray[np.int32], patients: Mapping[int, str], theme: Theme) -> Colouring:
    there, counts = np.unique(patient, return_counts=True)
    largest = there[np.argsort(-counts, kind="stable")][:_PLACES_NAMED].tolist()
    ordered = sorted(largest, key=lambda row_id: patients.get(row_id, ""))
    colours = _PATIENT_DARK if theme.dark else _PATIENT_LIGHT
    keys = [
        Key(patients.get(row_id, "?"), colour, f"Patient {patients.get(row_id, '?')}")
        for row_id, colour in zip(ordered, colours, strict=False)
    ]
    keys.append(Key("others", theme.border, "All other patients"))
    codes = np.full(len(patient), len(keys) - 1, np.int64)
    for code, row_id in enumerate(ordered):
        codes[patient == row_id] = code
    return Colouring(codes, keys, named=True)
