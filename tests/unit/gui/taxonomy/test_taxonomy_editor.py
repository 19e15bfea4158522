"""The class editor on the real window."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit.filled_workspace import TAXONOMY
from tests.unit.gui.window_driver import Driver
from wbc_desktop.domain.taxonomy.checks import REQUIRED
from wbc_desktop.domain.taxonomy.contrast import DARK_SURFACE, LIGHT_SURFACE
from wbc_desktop.gui.commands.actions import RESERVED_KEYS
from wbc_desktop.gui.taxonomy.taxonomy_dialogs import MergeDialog, NewClassDialog, SplitDialog
from wbc_desktop.gui.taxonomy.taxonomy_editor import TaxonomyEditor
from wbc_desktop.gui.widgets.theme import DARK, LIGHT


@pytest.fixture
def editor(driver: Driver) -> TaxonomyEditor:
    driver.press("Ctrl+T")
    found = driver.window.findChild(TaxonomyEditor)
    assert isinstance(found, TaxonomyEditor)
    return found


def rows(editor: TaxonomyEditor) -> dict[str, list[str]]:
    """The columns of every class by its name."""
    found = {}
    waiting = [editor.tree.topLevelItem(i) for i in range(editor.tree.topLevelItemCount())]
    while waiting:
        item = waiting.pop(0)
        assert item is not None
        found[item.text(0)] = [item.text(column) for column in range(1, 5)]
        waiting += [item.child(i) for i in range(item.childCount())]
    return found


def settled(driver: Driver) -> None:
    """Wait until the window shows the classes that the session has."""
    driver.until(
        lambda: driver.open_workspace.browser.taxonomy == driver.open_workspace.session.taxonomy
    )


def test_the_colours_are_checked_on_the_surfaces_of_the_themes() -> None:
    assert (LIGHT.surface.upper(), DARK.surface.upper()) == (LIGHT_SURFACE, DARK_SURFACE)


def test_no_class_can_be_given_the_key_of_a_command(editor: TaxonomyEditor) -> None:
    editor.tree.choose("blast")
    keys = {editor.form.key.itemData(i) for i in range(editor.form.key.count())}
    assert "8" in keys
    assert not keys & RESERVED_KEYS


def test_every_class_is_listed_with_its_cells(editor: TaxonomyEditor) -> None:
    listed = rows(editor)
    assert set(listed) == {c.name for c in TAXONOMY.classes}
    assert listed["Monocyte"] == ["MON", "4", "2", ""]
    assert listed["Platelet"] == ["PLT", "T", "0", "outside the 100 %"]


def test_a_class_is_renamed_and_the_window_follows(driver: Driver, editor: TaxonomyEditor) -> None:
    editor.tree.choose("blast")
    assert not editor.apply.isEnabled()
    editor.form.name.setFocus()
    editor.form.name.selectAll()
    QTest.keyClicks(editor.form.name, "Blast cell")
    QTest.keyClick(editor.form.name, Qt.Key.Key_Return)
    settled(driver)
    assert editor.isVisible()
    assert driver.window.commands.label("blast").text() == "BLA  Blast cell"
    assert "Saved: Change the class Blast." in editor.said
    assert "Blast cell" in rows(editor)


def test_a_refusal_is_told_and_what_was_typed_stays(editor: TaxonomyEditor) -> None:
    editor.tree.choose("blast")
    editor.form.name.setText("Monocyte")
    editor.form.edited.emit()
    editor.apply.click()
    assert "“Monocyte” would mean both MON and BLA" in editor.said
    assert editor.form.name.text() == "Monocyte"


def test_a_new_class_is_added_below_another(driver: Driver, editor: TaxonomyEditor) -> None:
    editor.add.click()
    question = editor.question
    assert isinstance(question, NewClassDialog)
    question.form.name.setText("Hairy cell")
    question.form.name.textEdited.emit("Hairy cell")
    assert question.form.code.text() == "HAI"
    question.form.parent_class.setCurrentIndex(question.form.parent_class.findData("lymphocyte"))
    question.accept()
    settled(driver)
    assert editor.tree.chosen_ids() == ("hairy_cell",)
    assert rows(editor)["Hairy cell"] == ["HAI", "", "0", "own, not known to the model"]
    assert driver.open_workspace.session.taxonomy.by_id["hairy_cell"].parent == "lymphocyte"


def test_a_new_class_without_a_name_is_refused_in_its_dialog(editor: TaxonomyEditor) -> None:
    editor.add.click()
    question = editor.question
    assert isinstance(question, NewClassDialog)
    question.accept()
    assert question.isVisible()
    assert "A class has no name" in question.problem
    question.reject()


def test_a_merge_counts_the_cells_first(driver: Driver, editor: TaxonomyEditor) -> None:
    editor.tree.choose("monocyte")
    editor.merge.click()
    question = editor.question
    assert isinstance(question, MergeDialog)
    question.target.setCurrentIndex(question.target.findData("blast"))
    assert question.scope.text().startswith("2 cells will count as Blast.")
    question.accept()
    settled(driver)
    assert rows(editor)["Monocyte"][3] == "merged into BLA"
    editor.undo_asked.emit()
    settled(driver)
    assert rows(editor)["Monocyte"][3] == ""


def test_where_every_class_is_to_be_merged_none_is_left_to_merge_into(
    editor: TaxonomyEditor,
) -> None:
    every = [c.id for c in TAXONOMY.classes if c.id not in REQUIRED]
    question = MergeDialog(TAXONOMY, every, {}, editor)
    assert not question.ok.isEnabled()
    assert "No class is left" in question.scope.text()
    question = MergeDialog(TAXONOMY, every[1:], {}, editor)
    assert question.ok.isEnabled()
    assert question.target.currentData() == every[0]


def test_merging_into_what_is_not_counted_says_so(editor: TaxonomyEditor) -> None:
    editor.tree.choose("monocyte")
    editor.merge.click()
    question = editor.question
    assert isinstance(question, MergeDialog)
    question.target.setCurrentIndex(question.target.findData("smudge_cell"))
    assert "no longer belong to the 100 %" in question.scope.text()
    question.reject()


def test_a_class_is_split(driver: Driver, editor: TaxonomyEditor) -> None:
    editor.tree.choose("lymphocyte")
    editor.split.click()
    question = editor.question
    assert isinstance(question, SplitDialog)
    for (name, code), words in zip(
        question.rows, (("Small", "SLY"), ("Large", "LGL")), strict=False
    ):
        name.setText(words[0])
        code.setText(words[1])
    question.accept()
    settled(driver)
    assert driver.open_workspace.session.taxonomy.below("lymphocyte") == ("small", "large")


def test_a_class_is_hidden_and_shown_again(driver: Driver, editor: TaxonomyEditor) -> None:
    editor.tree.choose("smudge_cell")
    editor.hide_class.click()
    settled(driver)
    assert not driver.window.commands.has_label("smudge_cell")
    assert editor.hide_class.text() == "Show again"
    editor.hide_class.click()
    settled(driver)
    assert driver.window.commands.has_label("smudge_cell")


@pytest.mark.parametrize("class_id", ["unidentified", "artefact"])
def test_what_the_program_needs_cannot_be_taken_away(editor: TaxonomyEditor, class_id: str) -> None:
    editor.tree.choose(class_id)
    buttons = (editor.merge, editor.split, editor.hide_class, editor.separate)
    assert not any(button.isEnabled() for button in buttons)


def test_classes_go_to_a_file_and_come_from_one(
    driver: Driver, editor: TaxonomyEditor, tmp_path: Path
) -> None:
    driver.answers.target = tmp_path / "classes.json"
    editor.export_asked.emit()
    assert "Wrote" in editor.said
    content = json.loads((tmp_path / "classes.json").read_text(encoding="utf-8"))
    content["classes"][7]["name"] = "Blast cell"
    (tmp_path / "classes.json").write_text(json.dumps(content), encoding="utf-8")
    driver.answers.file = tmp_path / "classes.json"
    editor.import_asked.emit()
    settled(driver)
    assert driver.open_workspace.session.taxonomy.by_id["blast"].name == "Blast cell"
    (tmp_path / "classes.json").write_text("{", encoding="utf-8")
    editor.import_asked.emit()
    assert "it is not JSON" in editor.said
