"""Keys of a filter text that choose patients and slides.

``patient:`` and ``slide:`` both write the places of a filter. Several values of one word add up, as
a selection at the left of the window does; several words narrow down.
"""

from collections.abc import Iterable, Sequence

from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.choice_keys import Option
from wbc_desktop.domain.filter.names import FilterNames, nearest
from wbc_desktop.domain.filter.words import FilterTextError, Value, Word, quoted
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
        if fewer and _others(others, names) == only_places(wanted):
            return f"-{self.name}:{','.join(map(quoted, without))}"
        key = self.name if patients else SlideKey.name
        return f"{key}:{','.join(map(quoted, (*patients, *slides)))}"

    def say(self, wanted: Filter, names: FilterNames) -> str:
        """Return the places in short."""
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


def only_places(wanted: Filter) -> Filter:
    """Return what a filter asks of patients and slides."""
    return Filter(patients=wanted.patients, slides=wanted.slides)


def places_in_both(one: Filter, other: Filter, names: FilterNames) -> Filter:
    """Return the places that two filters share; those of a filter without any are all."""
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
    """Return every place but the chosen ones."""
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
