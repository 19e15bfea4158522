"""Edits and the form in which events carry them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.audit.edits import Edit, Field, Value
from wbc_desktop.domain.audit.events import canonical
from wbc_desktop.domain.cells.reference import Reference
from wbc_desktop.domain.review.review import Review, ReviewMode, Status

ids = st.integers(1, 2**40)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
reviews = st.builds(
    Review,
    label=texts,
    status=st.sampled_from(Status),
    reviewer=texts,
    reviewed_at=texts,
    mode=st.sampled_from(ReviewMode),
    n_reviews=st.integers(1, 99),
)
values: dict[Field, st.SearchStrategy[Value]] = {
    Field.REVIEW: st.none() | reviews,
    Field.FLAG: st.booleans(),
    Field.NOTE: st.none() | texts,
    Field.REFERENCE: st.none() | st.builds(Reference, label=texts, reader=texts, at=texts),
    Field.ATTRIBUTES: st.lists(texts).map(tuple),
    Field.VOCABULARY: st.none() | texts,
    Field.CLASSES: st.none() | texts,
}
edits = st.sampled_from(Field).flatmap(
    lambda field: st.dictionaries(ids, st.tuples(values[field], values[field])).map(
        lambda pairs: Edit(
            field,
            {cell_id: before for cell_id, (before, _) in pairs.items()},
            {cell_id: after for cell_id, (_, after) in pairs.items()},
        )
    )
)


@given(edits)
def test_an_edit_comes_back_from_an_event_as_it_was(edit: Edit) -> None:
    assert Edit.from_payload(json.loads(canonical(edit.payload()))) == edit


@given(edits)
def test_the_inverse_of_the_inverse_is_the_edit(edit: Edit) -> None:
    assert edit.inverse().inverse() == edit
    assert edit.inverse().after == edit.before


def test_cells_of_equal_value_are_written_once() -> None:
    edit = Edit(Field.NOTE, {1: None, 2: None, 3: None}, {1: "x", 2: "x", 3: "y"})
    assert edit.payload()["after"] == [["x", [1, 2]], ["y", [3]]]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"field": "colour", "before": [], "after": []},
        {"field": "note", "before": "abc", "after": []},
        {"field": "note", "before": [], "after": [["x", "12"]]},
        {"field": "note", "before": [], "after": [["x", ["one"]]]},
        {"field": "review", "before": [], "after": [["monocyte", [1]]]},
        {"field": "review", "before": [], "after": [[{"label": "monocyte"}, [1]]]},
    ],
)
def test_a_payload_that_holds_no_edit_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="holds no edit"):
        Edit.from_payload(payload)  # type: ignore[arg-type]  # wrong on purpose
