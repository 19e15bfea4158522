"""What is offered while a filter is typed."""

import pytest

from tests.unit.domain.filter.test_text import NAMES
from wbc_desktop.domain.filter.completion import completion
from wbc_desktop.domain.filter.keys import KEYS
from wbc_desktop.domain.filter.text import parse_filter


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
