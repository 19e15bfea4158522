"""Filters as typed text: reading, writing, and where a text is wrong."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.domain.cells.patients import Patient, Slide
from wbc_desktop.domain.filter.cell_filter import Filter
from wbc_desktop.domain.filter.keys import KEYS
from wbc_desktop.domain.filter.names import FilterNames
from wbc_desktop.domain.filter.syntax import FilterTextError
from wbc_desktop.domain.filter.text import (
    completion,
    facets,
    filter_text,
    parse_filter,
    with_new_taxonomy,
    without,
)
from wbc_desktop.domain.review.review import Status
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.taxonomy.edits import NewClass, add_classes, apply_changes, split_class

TAXONOMY = taxonomy_v1()
ORDINAL = TAXONOMY.ordinals


def patient(row: int, code: str, *slides: tuple[int, str]) -> Patient:
    made = (Slide(id=i, code=name, um_per_px=None, n_cells=1, n_reviewed=0) for i, name in slides)
    return Patient(id=row, code=code, site="Ward 2", slides=tuple(made))


NAMES = FilterNames(
    TAXONOMY,
    (
        patient(1, "P-0192", (10, "slide 1"), (11, "slide 2")),
        patient(2, "P-0193", (20, "slide 1")),
        patient(3, "Müller, Anna", (30, "S3")),
    ),
    ("A. Maier", "Ada"),
)


def classes(*ids: str) -> frozenset[int]:
    return frozenset(ORDINAL[i] for i in ids)


def just_below(number: float) -> float:
    return float(np.nextafter(np.float32(number), np.float32(0)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Filter()),
        ("   ", Filter()),
        ("class:monocyte", Filter(classes=classes("monocyte"))),
        ("class:MON,blast", Filter(classes=classes("monocyte", "blast"))),
        ('class:"Segmented neutrophil"', Filter(classes=classes("neutrophil_segmented"))),
        ("class:none", Filter(classes=frozenset({NO_CLASS}))),
        (
            "class:neutrophil",
            Filter(classes=classes("neutrophil", "neutrophil_band", "neutrophil_segmented")),
        ),
        ("class:=neutrophil", Filter(classes=classes("neutrophil"))),
        (
            "class:neutrophil -class:band",
            Filter(classes=classes("neutrophil", "neutrophil_segmented")),
        ),
        ("-class:monocyte", Filter(classes=NAMES.class_ordinals - classes("monocyte"))),
        ("conf:<0.7", Filter(max_conf=just_below(0.7))),
        ("conf:<70%", Filter(max_conf=just_below(0.7))),
        ("conf:≤0.7", Filter(max_conf=0.7)),
        ("-conf:<0.7", Filter(min_conf=0.7)),
        ("conf:0.2..0.7", Filter(min_conf=0.2, max_conf=0.7)),
        ("conf:20–70%", Filter(min_conf=0.2, max_conf=0.7)),
        ("CONF:>=.25 confidence:<=0.5", Filter(min_conf=0.25, max_conf=0.5)),
        ("conf:>=0.3 conf:>=0.5", Filter(min_conf=0.5)),
        ("status:unreviewed", Filter(statuses=frozenset({Status.UNREVIEWED}))),
        ("-status:unreviewed", Filter(statuses=frozenset(Status) - {Status.UNREVIEWED})),
        ("status:reviewed", Filter(statuses=frozenset(Status) - {Status.UNREVIEWED})),
        ("flag:yes", Filter(flagged=True)),
        ("-flagged:yes", Filter(flagged=False)),
        ("unusual:no note:yes", Filter(unusual=False, noted=True)),
        ("disagrees:yes", Filter(disagrees=True)),
        ('reader:"A. Maier"', Filter(readers=frozenset({"A. Maier"}))),
        ("reader:ada", Filter(readers=frozenset({"Ada"}))),
        ('-reader:"a. maier"', Filter(readers=frozenset({"Ada"}))),
        ("margin:<0.1", Filter(max_margin=just_below(0.1))),
        ("set:>1", Filter(min_set=2)),
        ("set:2", Filter(min_set=2, max_set=2)),
        ("set:2..3", Filter(min_set=2, max_set=3)),
        ("patient:P-0192", Filter(patients=frozenset({1}), slides=frozenset())),
        ("patient:p-0192", Filter(patients=frozenset({1}), slides=frozenset())),
        ('patient:"Müller, Anna"', Filter(patients=frozenset({3}), slides=frozenset())),
        ("-patient:P-0192", Filter(patients=frozenset({2, 3}), slides=frozenset())),
        ('slide:"slide 1"', Filter(patients=frozenset(), slides=frozenset({10, 20}))),
        ('slide:"P-0192/slide 1"', Filter(patients=frozenset(), slides=frozenset({10}))),
        (
            'patient:P-0192 slide:"slide 1"',
            Filter(patients=frozenset(), slides=frozenset({10})),
        ),
        (
            'patient:P-0193,"P-0192/slide 2"',
            Filter(patients=frozenset({2}), slides=frozenset({11})),
        ),
        (
            '-slide:"P-0192/slide 1"',
            Filter(patients=frozenset({2, 3}), slides=frozenset({11})),
        ),
    ],
)
def test_a_text_asks_for_what_it_says(text: str, wanted: Filter) -> None:
    assert parse_filter(text, NAMES) == wanted


@pytest.mark.parametrize(
    ("text", "piece", "said"),
    [
        ("class:monozyt", "monozyt", "Did you mean monocyte"),
        ("flag:yes class:xyzzy", "xyzzy", "No class is called “xyzzy”"),
        ("clas:monocyte", "clas:monocyte", "Did you mean class"),
        ("monocyte", "monocyte", "Did you mean class:monocyte?"),
        ("unreviewed", "unreviewed", "Did you mean status:unreviewed?"),
        ("flagged", "flagged", "Did you mean flagged:yes?"),
        ("qwertz", "qwertz", "The keys are patient, slide, class"),
        ("class:", "class:", "A value is missing"),
        ("class:monocyte,", "class:monocyte,", "A value is missing"),
        ("flag:perhaps", "perhaps", "flag:yes or flag:no"),
        ('patient:"P-0192', '"P-0192', "quotation mark"),
        ("patient:P-9999", "P-9999", "There is no patient “P-9999”"),
        ("reader:Eve", "Eve", "There is no reader “Eve”"),
        ("status:done", "done", "There is no review state “done”"),
        ("conf:high", "high", "Type <0.7, >=70% or 0.2..0.7."),
        ("conf:<70", "<70", "Did you mean 70%?"),
        ("conf:>1", ">1", "Nothing lies in >1"),
        ("conf:<0", "<0", "Nothing lies in <0"),
        ("conf:0.7..0.2", "0.7..0.2", "the smaller number first"),
        ("-conf:0.2..0.7", "0.2..0.7", "no opposite"),
        ("conf:<0.2,>0.9", ">0.9", "takes one range"),
        ("set:1.5", "1.5", "no count"),
        ("class:blast -class:blast", "-class:blast", "No cell can pass both"),
        ("conf:>0.9 conf:<0.2", "conf:<0.2", "No cell can pass both"),
        ("flag:yes flag:no", "flag:no", "No cell can pass both"),
        ('patient:P-0193 slide:"slide 2"', 'slide:"slide 2"', "No cell can pass both"),
    ],
)
def test_an_error_says_where_and_what_to_type(text: str, piece: str, said: str) -> None:
    with pytest.raises(FilterTextError) as caught:
        parse_filter(text, NAMES)
    assert text[caught.value.start : caught.value.stop] == piece
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("confidence:<70% class:MON", "class:monocyte conf:<0.7"),
        ("-class:MON", "-class:monocyte"),
        ("-patient:P-0193", "-patient:P-0193"),
        ('patient:P-0193,"Müller, Anna"', "-patient:P-0192"),
        ("class:SEG,BND,=NEU", "class:neutrophil"),
        ("class:SEG,=NEU", "class:neutrophil_segmented,=neutrophil"),
        ("status:accepted,corrected,undecided,excluded", "status:reviewed"),
        ("conf:>0.2 conf:<0.7", "conf:>0.2 conf:<0.7"),
        ("conf:>=20% conf:<=0.7", "conf:0.2..0.7"),
        ('slide:"SLIDE 1"', 'slide:"P-0192/slide 1","P-0193/slide 1"'),
    ],
)
def test_a_filter_is_written_in_few_words(text: str, written: str) -> None:
    assert filter_text(parse_filter(text, NAMES), NAMES) == written


def test_every_field_of_a_filter_has_a_key() -> None:
    written = [name for key in KEYS for name in key.fields]
    assert sorted(written) == sorted(field.name for field in fields(Filter))


def test_facets_say_and_remove_one_condition_each() -> None:
    wanted = parse_filter("patient:P-0192 class:MON,BLA conf:<0.7 flag:yes set:>1", NAMES)
    found = facets(wanted, NAMES)
    assert [facet.words for facet in found] == [
        "P-0192",
        "Class: MON, BLA",
        "Confidence < 70 %",
        "Flagged",
        "Could-be classes ≥ 2",
    ]
    for facet in found:
        assert parse_filter(facet.text, NAMES) == facet.filter
        wanted = without(wanted, facet.key)
    assert wanted == Filter()


CODES = st.text(st.sampled_from('Aa/#",= -:1é'), min_size=1, max_size=4)
SHARES = st.one_of(
    st.sampled_from([0.0, 0.1, 0.5, 0.7, 0.95, 1.0]),
    st.integers(0, 100).map(lambda n: n / 100),
    st.integers(1, 100).map(lambda n: just_below(n / 100)),
    st.floats(0, 1),
)


@st.composite
def workspaces(draw: st.DrawFn) -> FilterNames:
    codes = draw(st.lists(CODES, unique=True, min_size=1, max_size=4))
    slides = [draw(st.lists(CODES, unique=True, min_size=1, max_size=3)) for _ in codes]
    patients = tuple(
        patient(i, code, *((10 * i + j, name) for j, name in enumerate(slides[i])))
        for i, code in enumerate(codes)
    )
    return FilterNames(TAXONOMY, patients, tuple(draw(st.lists(CODES, unique=True, max_size=3))))


@st.composite
def filters(draw: st.DrawFn, names: FilterNames) -> Filter:
    """A filter as the window can make one: no empty choice, no range without a number in it."""

    def some(values: frozenset[int] | frozenset[str]) -> object:
        if not values:
            return None
        chosen = st.frozensets(st.sampled_from(sorted(values)), min_size=1)
        return draw(st.none() | chosen)

    def bounds(values: st.SearchStrategy[float] | st.SearchStrategy[int]) -> tuple[object, object]:
        low, high = sorted(draw(st.tuples(values, values)))
        return draw(st.sampled_from([(None, None), (low, None), (None, high), (low, high)]))

    patients, slides = some(names.patient_ids), some(frozenset(names.patient_of))
    if patients is not None or slides is not None:
        patients, slides = patients or frozenset(), slides or frozenset()
    low, high = bounds(SHARES)
    least, most = bounds(SHARES)
    few, many = bounds(st.integers(0, 20))
    answer = st.none() | st.booleans()
    return Filter(
        patients=patients,  # type: ignore[arg-type]  # drawn above
        slides=slides,  # type: ignore[arg-type]
        classes=some(names.class_ordinals),  # type: ignore[arg-type]
        statuses=draw(st.none() | st.frozensets(st.sampled_from(Status), min_size=1)),
        readers=some(frozenset(names.readers)),  # type: ignore[arg-type]
        min_conf=low,  # type: ignore[arg-type]
        max_conf=high,  # type: ignore[arg-type]
        min_margin=least,  # type: ignore[arg-type]
        max_margin=most,  # type: ignore[arg-type]
        min_set=few,  # type: ignore[arg-type]
        max_set=many,  # type: ignore[arg-type]
        flagged=draw(answer),
        unusual=draw(answer),
        noted=draw(answer),
        disagrees=draw(answer),
        with_attributes=some(frozenset(names.vocabulary.bits.values())),  # type: ignore[arg-type]
        without_attributes=some(frozenset(names.vocabulary.bits.values())),  # type: ignore[arg-type]
    )


@given(st.data())
def test_what_is_written_is_read_as_the_same_filter(data: st.DataObject) -> None:
    names = data.draw(workspaces())
    wanted = data.draw(filters(names))
    assert parse_filter(filter_text(wanted, names), names) == wanted
    for facet in facets(wanted, names):
        assert facet.words
        assert parse_filter(facet.text, names) == facet.filter


@given(st.text(st.sampled_from('clasonf:<>=,."- %1é'), max_size=30))
def test_any_text_is_a_filter_or_a_plain_error(text: str) -> None:
    error = error_of(text)
    assert error is None or (error.title and 0 <= error.start < error.stop <= len(text))


def error_of(text: str) -> FilterTextError | None:
    try:
        parse_filter(text, NAMES)
    except FilterTextError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("attr:vacuoles", Filter(with_attributes=frozenset({1}))),
        (
            "attr:toxic -attr:Vacuoles",
            Filter(with_attributes=frozenset({0}), without_attributes=frozenset({1})),
        ),
        ("shows:vacuoles attr:auer", Filter(with_attributes=frozenset({1, 3}))),
    ],
)
def test_attributes_are_asked_for_one_by_one(text: str, wanted: Filter) -> None:
    assert parse_filter(text, NAMES) == wanted


@pytest.mark.parametrize(
    ("text", "advice"),
    [("attr:vacuole,toxic", "Type attr:vacuole attr:toxic"), ("attr:vacuolles", "mean vacuoles")],
)
def test_an_attribute_that_cannot_be_read_is_explained(text: str, advice: str) -> None:
    error = error_of(text)
    assert error is not None
    assert advice in error.advice


def offered(text: str, cursor: int | None = None) -> list[str]:
    """Return the whole text for each option offered."""
    at = len(text) if cursor is None else cursor
    found = completion(text, at, NAMES)
    return [text[: found.start] + o.value + text[found.stop :] for o in found.options]


def test_at_first_every_key_is_offered() -> None:
    assert offered("") == [f"{key.name}:" for key in KEYS]
    assert offered("flag:yes ") == [f"flag:yes {key.name}:" for key in KEYS]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cl", "class:"),
        ("-cl", "-class:"),
        ("class:mono", "class:monocyte"),
        ("class:MON", "class:monocyte"),
        ("-class:blast,band", "-class:blast,neutrophil_band"),
        ("status:unr", "status:unreviewed"),
        ("reader:A", 'reader:"A. Maier"'),
        ('reader:"A. M', 'reader:"A. Maier"'),
        ("patient:mül", 'patient:"Müller, Anna"'),
        ("conf:", "conf:<0.7"),
        ("flag:", "flag:yes"),
        ("set:", "set:>1"),
    ],
)
def test_what_is_begun_is_finished(text: str, first: str) -> None:
    assert offered(text)[0] == first


def test_the_middle_of_a_text_is_finished_in_place() -> None:
    assert offered("cla flag:yes", cursor=3)[0] == "class: flag:yes"


def test_an_unknown_key_offers_nothing() -> None:
    assert offered("clas:") == []


def test_every_offered_value_can_be_read() -> None:
    for key in KEYS:
        values = offered(f"{key.name}:")
        assert values, key.name
        for text in values:
            parse_filter(text, NAMES)


def test_every_key_has_a_hint() -> None:
    assert all(key.hint for key in KEYS)


BASE = taxonomy_v1()
HAIRY = apply_changes(BASE, add_classes(BASE, [NewClass(name="Hairy cell", code="HCL")]))
PARTS = apply_changes(
    HAIRY,
    split_class(
        HAIRY, "blast", [NewClass(name="Small", code="SBL"), NewClass(name="Large", code="LBL")]
    ),
)
OLD, MORE, SPLIT = FilterNames(BASE), FilterNames(HAIRY), FilterNames(PARTS)


@pytest.mark.parametrize(
    ("text", "old", "new", "carried"),
    [
        ("class:monocyte conf:<0.7", OLD, MORE, "class:monocyte conf:<0.7"),
        ("-class:artefact", OLD, MORE, "-class:artefact"),
        ("-class:artefact", MORE, OLD, "-class:artefact"),
        ("class:hairy_cell flag:yes", MORE, OLD, "flag:yes"),
        ("class:hairy_cell,monocyte,none", MORE, OLD, "class:monocyte,none"),
        ("-class:hairy_cell", MORE, OLD, ""),
        ("-class:hairy_cell,blast", MORE, OLD, "-class:blast"),
        ("class:blast", MORE, SPLIT, "class:blast"),
        ("class:=blast", SPLIT, MORE, "class:blast"),
        ("", MORE, OLD, ""),
    ],
)
def test_the_text_of_a_filter_stays(
    text: str, old: FilterNames, new: FilterNames, carried: str
) -> None:
    found = with_new_taxonomy(parse_filter(text, old), old, new)
    assert found == parse_filter(carried, new)
    assert filter_text(found, new) == filter_text(parse_filter(carried, new), new)


def test_a_class_that_is_gone_is_not_the_one_that_took_its_name() -> None:
    renamed = apply_changes(BASE, add_classes(BASE, [NewClass(name="Other", code="OTH")]))
    other = FilterNames(renamed)
    wanted = parse_filter("class:hairy_cell,blast", MORE)
    assert with_new_taxonomy(wanted, MORE, other) == parse_filter("class:blast", other)


def test_no_class_at_all_stays_so() -> None:
    assert with_new_taxonomy(Filter(classes=frozenset()), OLD, MORE) == Filter(classes=frozenset())
