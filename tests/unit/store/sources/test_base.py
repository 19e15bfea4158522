"""Names: which are ignored, how they sort, how they are written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbc_desktop.store.sources.base import is_ignored, natural_key, os_reason, printable


def test_numbers_sort_as_numbers() -> None:
    names = ["cell 10.png", "cell 9.png", "Cell 1.png", "cell 2.png"]
    assert sorted(names, key=natural_key) == [
        "Cell 1.png",
        "cell 2.png",
        "cell 9.png",
        "cell 10.png",
    ]


def test_a_folder_sorts_as_one_name() -> None:
    paths = ["slide 2/a.png", "slide 10/a.png", "slide 2 b/a.png", "slide/z.png"]
    assert sorted(paths, key=natural_key) == [
        "slide/z.png",
        "slide 2/a.png",
        "slide 2 b/a.png",
        "slide 10/a.png",
    ]


@given(st.lists(st.text(), min_size=2))
def test_any_names_can_be_sorted_and_none_are_equal(names: list[str]) -> None:
    assert len({natural_key(name) for name in names}) == len(set(names))
    backwards = list(reversed(names))
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "__MACOSX", "._cell.png", "@eaDir"])
def test_by_products_of_systems_are_ignored(name: str) -> None:
    assert is_ignored(name)


def test_names_that_are_no_text_can_be_stored() -> None:
    name = b"Z\xfcrich.png".decode("utf-8", "surrogateescape")
    assert printable(name) == r"Z\xfcrich.png"
    assert printable(name).encode() == rb"Z\xfcrich.png"


def test_a_mac_and_a_pc_write_the_same_patient() -> None:
    assert printable("Mu\u0308ller") == "M\u00fcller"


def test_the_system_is_quoted_in_plain_words() -> None:
    assert os_reason(FileNotFoundError()) == "the file is gone"
    assert os_reason(PermissionError()) == "no right to read it"
    assert os_reason(OSError(5, "Input/output error")) == "cannot be read (input/output error)"
