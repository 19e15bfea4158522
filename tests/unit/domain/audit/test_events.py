"""Canonical text and the hash of an event."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.audit.events import USER_TYPES, EventType, canonical, digest

FIELDS: dict[str, Any] = {
    "seq": 7,
    "at": "2026-11-21T09:30:00.123456Z",
    "reader": "A. Maier",
    "type_": "relabel",
    "payload": '{"ids":[1,2]}',
    "prev_hash": "0" * 64,
}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_canonical_text_is_the_same_for_every_order_of_keys() -> None:
    assert canonical({"b": [1, None, True], "a": "µ"}) == '{"a":"µ","b":[1,null,true]}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


@pytest.mark.parametrize("value", [0.5, [1, 0.5], {"a": {"b": (0.5,)}}, float("nan")])
def test_a_float_is_refused_at_any_depth(value: object) -> None:
    with pytest.raises(TypeError, match="float"):
        canonical(value)  # type: ignore[arg-type]  # the mistake under test


@given(_json)
def test_canonical_text_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(canonical(value)) == value  # type: ignore[arg-type]  # made of JSON


def test_the_hash_is_sha256_over_the_canonical_array_of_the_fields() -> None:
    text = canonical(
        [7, FIELDS["at"], FIELDS["reader"], "relabel", FIELDS["payload"], FIELDS["prev_hash"]]
    )
    assert digest(**FIELDS) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("field", FIELDS)
def test_any_changed_field_changes_the_hash(field: str) -> None:
    changed = {**FIELDS, field: 8 if field == "seq" else f"{FIELDS[field]}1"}
    assert digest(**changed) != digest(**FIELDS)


def test_no_choice_of_separators_makes_two_events_alike() -> None:
    one = {**FIELDS, "reader": 'A","relabel', "type_": "x"}
    two = {**FIELDS, "reader": "A", "type_": 'relabel","x'}
    assert digest(**one) != digest(**two)


def test_only_acts_of_a_person_can_be_undone() -> None:
    assert {
        *("relabel", "accept", "flag", "note", "take_back"),
        *("attribute", "attribute_defined", "classes_edited", "reference"),
    } == USER_TYPES
    assert EventType.UNDO not in USER_TYPES
