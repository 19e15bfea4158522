"""A verdict travels through the log and comes back as it was, but for the fifth decimal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.audit.events import Json, canonical
from wbc_desktop.domain.training.evaluation import ClassScore, Evaluation, Outcome, SiteScore

SCORE = st.integers(-10_000, 10_000).map(lambda n: n / 10_000)
ROW = st.tuples(st.text(max_size=9), st.integers(0, 99), SCORE, SCORE)
VERDICTS = st.builds(
    Evaluation,
    outcome=st.sampled_from(Outcome),
    provisional=st.booleans(),
    reasons=st.lists(st.text(max_size=20)).map(tuple),
    rows=st.lists(ROW.map(lambda row: ClassScore(*row)), max_size=3).map(tuple),
    sites=st.lists(ROW.map(lambda row: SiteScore(*row)), max_size=3).map(tuple),
    n=st.integers(0, 999),
    macro_old=SCORE,
    macro_new=SCORE,
    low=SCORE,
    high=SCORE,
    forgetting=SCORE,
    ece_old=SCORE,
    ece_new=SCORE,
)


@given(VERDICTS)
def test_what_is_logged_is_read_again(verdict: Evaluation) -> None:
    canonical(verdict.payload())  # no floats
    assert Evaluation.from_payload(verdict.payload()) == verdict


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "perhaps"},
        {"reasons": "a text"},
        {"classes": [["monocyte", 3]]},
        {"sites": 7},
        {"low": "much"},
        {"n": None},
    ],
)
@given(verdict=VERDICTS)
def test_what_is_no_verdict_is_refused(change: dict[str, Json], verdict: Evaluation) -> None:
    with pytest.raises(ValueError, match="no evaluation"):
        Evaluation.from_payload({**verdict.payload(), **change})
    with pytest.raises(ValueError, match="no evaluation"):
        Evaluation.from_payload({})
