"""Guarded text is no formula, and comes back as it was."""

from hypothesis import example, given
from hypothesis import strategies as st

from wbc_desktop.domain.formulas import guard, unguard


@given(st.text())
@example("=1+1")
@example("'=1+1")
@example("''@x")
@example("\t=x")
@example("\r")
@example("'")
def test_a_guarded_text_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    guarded = guard(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguard(guarded) == text
