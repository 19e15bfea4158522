"""Which model is active follows from the events alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.domain.audit.events import GENESIS, Event, EventType, Json
from wbc_desktop.domain.training.model_log import (
    ModelRef,
    active_text,
    replay_models,
    replay_promotions,
    why_reason,
)

REFS = [ModelRef(f"m{i}", f"{i}{i}" * 32) for i in range(3)]


def event(seq: int, type_: EventType, payload: dict[str, Json]) -> Event:
    return Event(
        seq=seq,
        at="2026-11-21T09:30:00.000000Z",
        reader="R",
        type=type_,
        payload=payload,
        prev_hash=GENESIS,
        hash=GENESIS,
    )


def promoted(seq: int, ref: ModelRef) -> Event:
    return event(seq, EventType.MODEL_PROMOTED, ref.payload())


def rolled_back(seq: int, ref: ModelRef) -> Event:
    return event(seq, EventType.MODEL_ROLLED_BACK, ref.payload())


@given(st.lists(st.one_of(st.sampled_from(REFS), st.none()), max_size=20))
def test_a_rollback_takes_the_last_promotion_away(acts: list[ModelRef | None]) -> None:
    shipped = ModelRef("shipped", "ff" * 32, shipped=True)
    stack: list[ModelRef] = []
    events = []
    for seq, act in enumerate(acts, 1):
        if act is not None:
            stack.append(act)
            events.append(promoted(seq, act))
        elif stack:
            stack.pop()
            events.append(rolled_back(seq, stack[-1] if stack else shipped))
    assert replay_promotions(events) == tuple(stack)


def test_a_rollback_that_names_another_model_is_refused() -> None:
    events = [promoted(1, REFS[0]), promoted(2, REFS[1]), rolled_back(3, REFS[2])]
    with pytest.raises(ValueError, match="event 3: it rolls back to another model"):
        replay_promotions(events)
    with pytest.raises(ValueError, match="event 1: it rolls back what was not promoted"):
        replay_promotions([rolled_back(1, REFS[0])])


@pytest.mark.parametrize("payload", [{}, {"model": "m"}, {"model": 3, "model_sha256": "ab"}])
def test_an_event_without_a_model_is_named(payload: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="event 4: it names no model"):
        replay_promotions([event(4, EventType.MODEL_PROMOTED, payload)])
    with pytest.raises(ValueError, match="event 4: it names no model"):
        replay_models([event(4, EventType.MODEL_IMPORTED, payload)])


def test_what_the_workspace_keeps_is_the_last_promotion() -> None:
    assert active_text(()) == ""
    assert active_text((REFS[0], REFS[1])) == active_text((REFS[1],))
    assert '"model":"m1"' in active_text((REFS[1],))


def test_models_come_in_their_order_with_what_was_said_of_them() -> None:
    verdict: dict[str, Json] = {"outcome": "better"}
    parent: dict[str, Json] = {"model_id": "shipped"}
    facts: dict[str, Json] = {**REFS[0].payload(), "verdict": verdict, "parent": parent}
    found = replay_models(
        [
            event(2, EventType.MODEL_REGISTERED, facts),
            event(3, EventType.MODEL_IMPORTED, REFS[1].payload()),
        ]
    )
    assert list(found) == ["m0", "m1"]
    assert (found["m0"].outcome, found["m0"].parent, found["m0"].imported) == (
        "better",
        "shipped",
        False,
    )
    assert (found["m1"].outcome, found["m1"].parent, found["m1"].imported) == (None, "", True)


@pytest.mark.parametrize(
    ("outcome", "parent", "active", "why"),
    [
        ("better", "a", "a", ""),
        ("better", "a", "b", "judged against a, and b is in use"),
        ("not_better", "a", "a", "not better"),
        (None, "a", "a", "not judged"),
    ],
)
def test_who_must_write_a_reason(outcome: str | None, parent: str, active: str, why: str) -> None:
    found = why_reason(outcome, parent=parent, active=active)
    assert why in found
    assert bool(found) == bool(why)
