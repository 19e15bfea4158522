"""The names that a filter text may use: classes, patients, slides and readers of a workspace."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.domain.cells.patients import Patient
from wbc_desktop.domain.taxonomy.attributes import Vocabulary, built_in
from wbc_desktop.domain.taxonomy.classes import Taxonomy

UNCLASSIFIED = "none"  # the class of cells that are not classified yet


@dataclass(frozen=True)
class FilterNames:
    """What can be named.

    Attributes:
        taxonomy: The classes.
        patients: Patients with their slides.
        readers: Names of readers; the position of a name is its code in the cell index.
        vocabulary: The attributes.
    """

    taxonomy: Taxonomy
    patients: tuple[Patient, ...] = ()
    readers: tuple[str, ...] = ()
    vocabulary: Vocabulary = field(default_factory=built_in)

    @cached_property
    def class_ordinals(self) -> frozenset[int]:
        """Every class, with −1 for "not classified yet"."""
        return frozenset({*range(len(self.taxonomy.classes)), NO_CLASS})

    @cached_property
    def families(self) -> Mapping[int, frozenset[int]]:
        """Each parent class with all classes below it, by ordinal; itself included."""
        ordinals = self.taxonomy.ordinals
        found: dict[int, set[int]] = {}
        for cell_class in self.taxonomy.classes:
            seen = {cell_class.id}
            parent = cell_class.parent
            while parent is not None and parent in ordinals and parent not in seen:
                family = found.setdefault(ordinals[parent], {ordinals[parent]})
                family.add(ordinals[cell_class.id])
                seen.add(parent)
                parent = self.taxonomy.by_id[parent].parent
        return {ordinal: frozenset(family) for ordinal, family in found.items()}

    @cached_property
    def patient_ids(self) -> frozenset[int]:
        """Row ids of all patients."""
        return frozenset(patient.id for patient in self.patients)

    @cached_property
    def patient_of(self) -> Mapping[int, int]:
        """Row id of the patient by row id of the slide."""
        return {slide.id: p.id for p in self.patients for slide in p.slides}

    @cached_property
    def patient_names(self) -> Mapping[int, str]:
        """How each patient is written, by row id: the code."""
        return {p.id: p.code for p in self.patients}

    @cached_property
    def slide_names(self) -> Mapping[int, str]:
        """How each slide is written, by row id: patient and slide with a stroke between.

        Where that means another place too, the row id stands for it.
        """
        names = {s.id: f"{p.code}/{s.code}" for p in self.patients for s in p.slides}
        times = Counter((*names.values(), *self.patient_names.values()))
        sign = "#"
        while any(name.startswith(sign) for name in times):
            sign += "#"
        return {row: name if times[name] == 1 else f"{sign}{row}" for row, name in names.items()}

    @cached_property
    def patients_by_name(self) -> Mapping[str, frozenset[int]]:
        """Patients by code, and by code without capitals where that is nobody's code."""
        return _by_name(self.patient_names)

    @cached_property
    def slides_by_name(self) -> Mapping[str, frozenset[int]]:
        """Slides by patient and slide; without capitals as well."""
        return _by_name(self.slide_names)

    @cached_property
    def slides_by_code(self) -> Mapping[str, frozenset[int]]:
        """Slides by their own code, of whatever patient; without capitals as well."""
        table: dict[str, set[int]] = {}
        for patient in self.patients:
            for slide in patient.slides:
                for text in {slide.code, slide.code.casefold()}:
                    table.setdefault(text, set()).add(slide.id)
        return {text: frozenset(ids) for text, ids in table.items()}


def nearest(text: str, known: Iterable[str] | Mapping[str, str]) -> str:
    """Return a hint with what looks most like a text, or the empty string.

    Args:
        text: What was typed.
        known: What there is, or other words for it with what they stand for.
    """
    meant = known if isinstance(known, Mapping) else {name: name for name in known}
    by_key = {name.casefold(): told for name, told in meant.items()}
    close = get_close_matches(text.casefold(), by_key, n=3, cutoff=0.7)
    told = list(dict.fromkeys(by_key[key] for key in close))[:2]
    return f"Did you mean {' or '.join(told)}?" if told else ""


def _by_name(names: Mapping[int, str]) -> dict[str, frozenset[int]]:
    table: dict[str, set[int]] = {}
    for row, name in names.items():
        table.setdefault(name.casefold(), set()).add(row)
    return {text: frozenset(rows) for text, rows in table.items()} | {
        name: frozenset({row}) for row, name in names.items()
    }
