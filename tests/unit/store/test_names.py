"""Ids people see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.errors import UserError
from wbc_desktop.store.names import cell_key, new_code, row_id


@given(st.integers(0, 10**12))
def test_a_cell_id_leads_back_to_its_row(number: int) -> None:
    code = new_code()
    assert row_id(f" {cell_key(code, number)}\n", code) == number


def test_a_cell_id_is_short_and_padded() -> None:
    assert cell_key("w7k3qm", 123) == "w7k3qm-0000123"


def test_codes_differ_and_hold_no_sign_that_reads_as_another() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) > 190
    assert not set("".join(codes)) & set("01ilo")
    assert all(len(code) == 6 and code[0].isalpha() for code in codes)


def test_a_cell_of_another_workspace_is_refused() -> None:
    with pytest.raises(UserError, match="another workspace"):
        row_id("aaaaaa-0000001", "bbbbbb")


@pytest.mark.parametrize("text", ["", "17", "w7k3qm", "w7k3qm-", "w7k3qm-12a", "w7k3qm-١٢٣"])
def test_what_is_no_cell_id_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="not a cell id"):
        row_id(text, "w7k3qm")
