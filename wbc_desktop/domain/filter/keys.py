"""The table of what a filter text can ask. Reading, writing, chips and completion derive from it.

To add a condition, add its field to ``Filter`` and its key here; a test fails while either is
missing. ``patient:`` and ``slide:`` both write patients and slides of a filter: several values of
one word add up, as a selection at the left of the window does; several words narrow down.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wbc_desktop.domain.filter.cell_filter import Filter, only_patients_and_slides
from wbc_desktop.domain.filter.choice_keys import (
    AttributeKey,
    ClassKey,
    Option,
    ReaderKey,
    StatusKey,
    YesNoKey,
)
from wbc_desktop.domain.filter.names import FilterNames, nearest
from wbc_desktop.domain.filter.syntax import (
    Bounds,
    FilterTextError,
    Measure,
    Value,
    Word,
    count,
    plain,
    quoted,
    read_bounds,
    share,
    strict,
    write_bounds,
)
from wbc_desktop.domain.wording import counted

_NAMED = 2


class PatientKey:
    """``patient:``: patients by code; also single slides, as ``patient/slide``."""

    name = "patient"
    aliases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("patients", "slides")
    hint = "by code"

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return the patients of a word, or all others."""
        chosen = Filter(patients=frozenset(), slides=frozenset())
        for value in word.values:
            chosen = _joined(chosen, _patient(value, names))
        return _others(chosen, names) if word.negated else chosen

    def write(self, wanted: Filter, names: FilterNames) -> str:
        """Return patients and slides of a filter."""
        patients, slides = _named(wanted, names)
        if not patients and not slides:
            return ""
        others = _others(wanted, names)
        without = [name for some in _named(others, names) for name in some]
        fewer = 0 < len(without) < len(patients) + len(slides)
        if fewer and _others(others, names) == only_patients_and_slides(wanted):
            return f"-{self.name}:{','.join(map(quoted, without))}"
        key = self.name if patients else SlideKey.name
        return f"{key}:{','.join(map(quoted, (*patients, *slides)))}"

    def say(self, wanted: Filter, names: FilterNames) -> str:
        """Return patients and slides in short."""
        patients, slides = _named(wanted, names)
        if len(patients) + len(slides) <= _NAMED:
            return ", ".join((*patients, *slides))
        told = [
            counted(len(n), noun) for n, noun in ((patients, "patient"), (slides, "slide")) if n
        ]
        return ", ".join(told)

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return every patient."""
        return [Option(names.patient_names[p.id], p.site) for p in names.patients]


class SlideKey:
    """``slide:``: slides by code, of any patient, or as ``patient/slide``."""

    name = "slide"
    aliases: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # ``PatientKey`` writes them
    hint = "by code, or as patient/slide"

    def read(self, word: Word, names: FilterNames) -> Filter:
        """Return the slides of a word, or all others."""
        slides: frozenset[int] = frozenset()
        for value in word.values:
            slides |= _slides(value, names)
        chosen = Filter(patients=frozenset(), slides=slides)
        return _others(chosen, names) if word.negated else chosen

    def write(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return nothing: ``PatientKey`` writes slides too."""
        return ""

    def say(self, wanted: Filter, names: FilterNames) -> str:  # noqa: ARG002  # the protocol's
        """Return nothing: ``PatientKey`` tells slides too."""
        return ""

    def options(self, names: FilterNames) -> Sequence[Option]:
        """Return every slide."""
        return [Option(name, "") for name in names.slide_names.values()]


def common_patients_and_slides(one: Filter, other: Filter, names: FilterNames) -> Filter:
    """Return the patients and slides that two filters share; a filter without any means all."""
    if one.patients is None and one.slides is None:
        return other
    if other.patients is None and other.slides is None:
        return one
    patients = (one.patients or frozenset()) & (other.patients or frozenset())
    slides: set[int] = set()
    for here, there in ((one, other), (other, one)):
        inside = (there.slides or frozenset()) | {
            s for s, p in names.patient_of.items() if p in (there.patients or ())
        }
        slides |= (here.slides or frozenset()) & inside
    return Filter(
        patients=patients,
        slides=frozenset(s for s in slides if names.patient_of.get(s) not in patients),
    )


def _named(wanted: Filter, names: FilterNames) -> tuple[list[str], list[str]]:
    """Return patients and slides in words; one that is gone from the workspace is left out."""
    patients = (names.patient_names.get(row) for row in wanted.patients or ())
    slides = (names.slide_names.get(row) for row in wanted.slides or ())
    return sorted(filter(None, patients)), sorted(filter(None, slides))


def _others(chosen: Filter, names: FilterNames) -> Filter:
    """Return all patients and slides but the chosen ones."""
    hit = (chosen.patients or frozenset()) | {
        names.patient_of[slide] for slide in chosen.slides or () if slide in names.patient_of
    }
    split = hit - (chosen.patients or frozenset())
    slides = {s for s, p in names.patient_of.items() if p in split} - (chosen.slides or frozenset())
    return Filter(patients=names.patient_ids - hit, slides=frozenset(slides))


def _joined(one: Filter, other: Filter) -> Filter:
    return Filter(
        patients=(one.patients or frozenset()) | (other.patients or frozenset()),
        slides=(one.slides or frozenset()) | (other.slides or frozenset()),
    )


def _patient(value: Value, names: FilterNames) -> Filter:
    text, folded = value.text, value.text.casefold()
    tables = (names.patients_by_name, names.slides_by_name)
    for wanted in (text, folded):
        patients, slides = (table.get(wanted, frozenset()) for table in tables)
        if patients or slides:
            return Filter(patients=patients, slides=frozenset() if patients else slides)
    raise _unknown("patient", value, names.patient_names.values())


def _slides(value: Value, names: FilterNames) -> frozenset[int]:
    for text in (value.text, value.text.casefold()):
        for table in (names.slides_by_name, names.slides_by_code):
            if text in table:
                return table[text]
    raise _unknown("slide", value, names.slides_by_code)


def _unknown(noun: str, value: Value, known: Iterable[str]) -> FilterTextError:
    return FilterTextError(
        f"There is no {noun} “{value.text}”",
        advice=nearest(value.text, known) or "The list at the left names all of them.",
        start=value.start,
        stop=value.stop,
    )


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
