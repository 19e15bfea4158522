"""A file of classes: written and read back, and every malformed one told in plain words."""

import json
from typing import Any

import pytest

from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.class_file import changes_from_text, file_text
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.domain.taxonomy.edits import (
    ClassUpdate,
    NewClass,
    add_classes,
    apply_changes,
    merge_classes,
    update_class,
)

BASE = taxonomy_v1()
LAB = apply_changes(
    BASE, add_classes(BASE, [NewClass(name="Hairy cell", code="HCL", parent="lymphocyte")])
)
LAB = apply_changes(LAB, update_class(LAB, "blast", ClassUpdate(name="Blast cell", hotkey="B")))
LAB = apply_changes(LAB, merge_classes(LAB, ["neutrophil_band"], "neutrophil_segmented"))


def test_another_workspace_takes_over_what_was_written() -> None:
    assert apply_changes(BASE, changes_from_text(file_text(LAB), BASE)) == LAB


def test_what_is_so_already_is_no_change() -> None:
    assert changes_from_text(file_text(LAB), LAB) == {}
    assert changes_from_text(file_text(BASE), BASE) == {}


def test_classes_that_the_file_does_not_name_stay() -> None:
    own = apply_changes(BASE, add_classes(BASE, [NewClass(name="Torn cell", code="TRN")]))
    both = apply_changes(own, changes_from_text(file_text(LAB), own))
    assert [c.id for c in both.classes[-2:]] == ["torn_cell", "hairy_cell"]


def said() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file_text(LAB))
    return content


def without(name: str) -> dict[str, Any]:
    content = said()
    del content["classes"][0][name]
    return content


def with_(name: str, value: object, *, number: int = 0) -> dict[str, Any]:
    content = said()
    content["classes"][number][name] = value
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "does not say that its format"),
        ([], "does not say that its format"),
        ({**said(), "version": 2}, "newer version"),
        ({**said(), "taxonomy": "wbc-0"}, "for the taxonomy wbc-0"),
        ({**said(), "classes": []}, "lists no classes"),
        ({**said(), "classes": "SEG"}, "lists no classes"),
        ({**said(), "classes": ["SEG"]}, "class 1 is no object"),
        ({**said(), "classes": said()["classes"][:1] * 2}, "stands there twice"),
        (without("id"), "class 1: id is missing"),
        (without("key"), "class 1: key is missing"),
        (with_("code", 7), "class 1: code is missing or no text"),
        (with_("code", "SEGM"), "three letters"),
        (with_("name", "Monocyte"), "would mean both"),
        (with_("key", "3"), "one key"),
        (with_("key", "F"), "cannot have this key"),
        (with_("hidden", "no"), "hidden is neither true nor false"),
        (with_("merged_into", 3), "merged_into is neither a class nor null"),
        (with_("merged_into", "nobody"), "names nobody"),
        (with_("merged_into", "neutrophil_segmented"), "stands below itself"),
        (with_("merged_into", "artefact"), "Nothing can be merged into"),
        (with_("parent", "blast"), "keeps its “parent”"),
        (with_("counted", False), "keeps its “counted”"),
        (with_("colour_light", "#FFFFFF"), "light theme"),
        (with_("colour_dark", "black"), "no colour"),
        (with_("id", "hairy cell", number=-1), "other signs"),
        (with_("id", "Größe", number=-1), "other signs"),
        (with_("parent", "nobody", number=-1), "names nobody"),
        (with_("counted", False, number=-1), "counts where its parent does"),
        (with_("hidden", True, number=15), "cannot be hidden"),
    ],
)
def test_a_malformed_file_is_refused_in_plain_words(content: object, message: str) -> None:
    with pytest.raises(UserError) as refused:
        changes_from_text(json.dumps(content), BASE)
    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000, "NaN"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        changes_from_text(text, BASE)
