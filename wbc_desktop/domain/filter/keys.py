"""The table of what a filter text can ask. Reading, writing, chips and completion derive from it.

To add a condition, add its field to ``Filter`` and its key here; a test fails while either is
missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wbc_desktop.domain.filter.attribute_key import AttributeKey
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.choice_keys import ClassKey, Option, ReaderKey, StatusKey, YesNoKey
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.patient_keys import PatientKey, SlideKey
from wbc_desktop.domain.filter.ranges import (
    Bounds,
    Measure,
    count,
    plain,
    read_bounds,
    share,
    strict,
    write_bounds,
)
from wbc_desktop.domain.filter.words import Word


class FilterKey(Protocol):
    """One key of a filter text."""

    @property
    def name(self) -> str:
        """What is typed before the colon."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """What may be typed instead."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of ``Filter`` that it writes."""

    @property
    def hint(self) -> str:
        """What it asks, in a few words."""

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return what a word asks, and nothing else.

        Raises:
            FilterTextError: If the word cannot be read.
        """

    def write(self, wanted: Filter, names: FilterNames) -> str:
        """Return its fields of a filter as typed text; empty if they ask nothing."""

    def say(self, wanted: Filter, names: FilterNames) -> str:
        """Return its fields of a filter in words for people."""

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return values that can be typed."""


@dataclass(frozen=True, kw_only=True)
class RangeKey:
    """A condition on a number of a cell.

    Attributes:
        name: The key.
        fields: The fields of its least and its greatest value.
        measure: What is bounded.
        examples: Values to offer.
        aliases: Other words for the key.
    """

    name: str
    fields: tuple[str, str]
    measure: Measure
    examples: tuple[Option, ...]
    aliases: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """What it asks."""
        return f"{self.measure.noun}, for example {self.measure.example.partition(',')[0]}"

    def read(self, word: Word, names: FilterNames) -> Filter:  # noqa: ARG002  # the protocol's
        """Return the range of a word."""
        bounds = read_bounds(word, self.measure)
        ends = (bounds.low, bounds.high)
        whole = self.measure.most is None
        asked: dict[str, Any] = {
            field: int(end) if whole else end
            for field, end in zip(self.fields, ends, strict=True)
            if end is not None
        }
        return Filter(**asked)

    def write(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the range of a filter."""
        return write_bounds(self.name, self._bounds(wanted), self.measure)

    def say(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return the range in words."""
        bounds = self._bounds(wanted)
        ends = [
            None if end is None else self._end(end, sign)
            for end, sign in ((bounds.low, ">"), (bounds.high, "<"))
        ]
        unit = "" if self.measure.most is None else " %"
        if bounds.low is not None and bounds.low == bounds.high:
            return f"{self.measure.noun} {self._digits(bounds.low)}{unit}"
        told = [f"{sign} {digits}{unit}" for sign, digits in filter(None, ends)]
        return f"{self.measure.noun} {' and '.join(told)}"

    def options(self, names: FilterNames) -> Sequence[Option]:  # noqa: ARG002  # the protocol's
        """Return some ranges."""
        return self.examples

    def _bounds(self, wanted: Filter) -> Bounds:
        low, high = (getattr(wanted, field) for field in self.fields)
        return Bounds(low, high)

    def _end(self, end: float, sign: str) -> tuple[str, str]:
        beyond = strict(end, sign) if self.measure.most is not None else None
        if beyond is not None:
            return sign, self._digits(float(beyond))
        return {"<": "≤", ">": "≥"}[sign], self._digits(end)

    def _digits(self, number: float) -> str:
        return plain(number) if self.measure.most is None else f"{100 * number:.4g}"


KEYS: tuple[FilterKey, ...] = (
    PatientKey(),
    SlideKey(),
    ClassKey(),
    RangeKey(
        name="conf",
        fields=("min_conf", "max_conf"),
        measure=share("Confidence"),
        examples=(Option("<0.7", "Below 70 %"), Option(">=0.95", "95 % or more")),
        aliases=("confidence",),
    ),
    StatusKey(),
    YesNoKey(
        name="flag",
        field="flagged",
        yes="Flagged",
        no="Not flagged",
        aliases=("flagged",),
    ),
    YesNoKey(name="unusual", field="unusual", yes="Unusual", no="Not unusual", aliases=("ood",)),
    YesNoKey(
        name="note",
        field="noted",
        yes="With a note",
        no="Without a note",
        aliases=("noted", "notes"),
    ),
    YesNoKey(
        name="disagrees",
        field="disagrees",
        yes="Label differs from the model's",
        no="Label does not differ",
        aliases=("disagree",),
    ),
    ReaderKey(),
    AttributeKey(),
    RangeKey(
        name="margin",
        fields=("min_margin", "max_margin"),
        measure=share("Margin"),
        examples=(Option("<0.1", "The two likeliest classes are close"),),
    ),
    RangeKey(
        name="set",
        fields=("min_set", "max_set"),
        measure=count("Could-be classes"),
        examples=(Option(">1", "Several classes cannot be ruled out"), Option("1", "Only one")),
    ),
)
KEYS_BY_NAME: Mapping[str, FilterKey] = {
    name: key for key in KEYS for name in (key.name, *key.aliases)
}
