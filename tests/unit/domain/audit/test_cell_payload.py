import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.audit.cell_payload import payload_for_cell
from wbc_desktop.domain.audit.edits import Edit, Field, Value
from wbc_desktop.domain.audit.events import canonical

TEXTS = (None, "", "[1,2,3]", '"]],"before":[', ",17,", "\\")


def written(edit: Edit, **facts: str) -> str:
    return canonical({**edit.payload(), **facts})


def notes(values: Mapping[int, Value]) -> Edit:
    return Edit(Field.NOTE, dict.fromkeys(values), values)


@given(
    st.dictionaries(st.integers(1, 10**12), st.sampled_from(TEXTS), min_size=1, max_size=60),
    st.sampled_from(TEXTS[1:]),
)
def test_of_a_long_edit_a_cell_keeps_what_is_said_of_it(
    values: dict[int, str | None], text: str | None
) -> None:
    filling = {10**13 + i: "filling" for i in range(400)}
    told = written(notes({**values, **filling}), text=str(text))
    for cell_id, value in values.items():
        payload = payload_for_cell(told, cell_id)
        edit = Edit.from_payload(payload)
        assert (edit.before, edit.after) == ({cell_id: None}, {cell_id: value})
        assert payload["text"] == str(text)


def test_a_cell_that_is_not_named_has_no_values() -> None:
    told = written(notes(dict.fromkeys(range(1000, 3000), "note")))
    for part_of_a_number in (1, 100, 299, 10001000):
        assert Edit.from_payload(payload_for_cell(told, part_of_a_number)).after == {}


@pytest.mark.parametrize(
    "payload",
    [
        {"labels": {"blast": [[i, i] for i in range(2000)]}, "model": "m"},
        {"after": [[True, [*range(2000)]]], "undoes": 3},
        {"after": [["x", 1] for _ in range(2000)], "before": []},
        {"after": [[True, [*range(2000)]]], "before": [[False, [[1]]]], "field": "flag"},
    ],
)
def test_any_other_payload_is_read_whole(payload: Mapping[str, object]) -> None:
    assert payload_for_cell(json.dumps(payload), 3) == payload
    assert payload_for_cell(json.dumps(payload, separators=(",", ":")), 3) == payload


@pytest.mark.parametrize("text", ["{", '{"after":[[true,[1' + ",22" * 2000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        payload_for_cell(text, 22)
