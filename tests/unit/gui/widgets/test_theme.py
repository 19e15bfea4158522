from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QPalette

from tests.unit.gui.colour_vision import contrast, distance
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.gui.widgets.theme import DARK, LIGHT, Theme, chosen, hairline, mix, palette

CLASSES = taxonomy_v1().classes
# The classes a reader meets in most smears, and the two that must never be missed.
COMMON = {
    "neutrophil_segmented",
    "lymphocyte",
    "monocyte",
    "eosinophil",
    "basophil",
    "blast",
    "erythroblast",
}
TEXT_PAIRS = [
    (text, ground)
    for text in ("text", "text2", "danger", "warning", "ok", "accent")
    for ground in ("window", "surface", "raised")
] + [("on_accent", "accent")]

both_themes = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


@both_themes
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_can_be_read(theme: Theme, text: str, ground: str) -> None:
    assert contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


@both_themes
def test_outlines_of_fields_can_be_seen(theme: Theme) -> None:
    assert contrast(theme.border, theme.surface) >= 3
    assert contrast(theme.border, theme.window) >= 3


@both_themes
@pytest.mark.parametrize("cell_class", CLASSES, ids=lambda c: c.code)
def test_every_swatch_stands_out_from_what_it_lies_on(theme: Theme, cell_class: object) -> None:
    colour = theme.class_colour(cell_class)  # type: ignore[arg-type]  # parametrize loses the type
    for ground in (theme.surface, theme.window, theme.raised):
        assert contrast(colour, ground) >= 3


@both_themes
@pytest.mark.parametrize("vision", ["normal", "deutan", "protan", "tritan"])
def test_common_classes_are_told_apart_by_colour_for_every_kind_of_vision(
    theme: Theme, vision: str
) -> None:
    common = [c for c in CLASSES if c.id in COMMON]
    for a, b in combinations(common, 2):
        apart = distance(theme.class_colour(a), theme.class_colour(b), vision=vision)
        assert apart >= 10, f"{a.code} and {b.code} for {vision}"


@both_themes
@pytest.mark.parametrize("vision", ["normal", "deutan", "protan", "tritan"])
def test_no_two_classes_look_the_same(theme: Theme, vision: str) -> None:
    for a, b in combinations(CLASSES, 2):
        apart = distance(theme.class_colour(a), theme.class_colour(b), vision=vision)
        assert apart >= 3, f"{a.code} and {b.code} for {vision}"


@both_themes
def test_no_palette_role_is_left_to_chance(theme: Theme) -> None:
    made = palette(theme)
    assert made.color(QPalette.ColorRole.Window) == QColor(theme.window)
    assert made.color(QPalette.ColorRole.Highlight) == QColor(theme.accent)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        assert made.color(QPalette.ColorGroup.Disabled, role) != made.color(role)


@pytest.mark.parametrize(
    ("setting", "system_is_dark", "wanted"),
    [
        ("system", True, DARK),
        ("system", False, LIGHT),
        ("light", True, LIGHT),
        ("dark", False, DARK),
    ],
)
def test_the_setting_goes_before_the_system(
    setting: str, system_is_dark: bool, wanted: Theme
) -> None:
    assert chosen(setting, system_is_dark=system_is_dark) is wanted


def test_mixing_goes_from_ground_to_colour() -> None:
    assert mix("#FFFFFF", "#000000", 0) == "#000000"
    assert mix("#FFFFFF", "#000000", 1) == "#ffffff"
    assert contrast(hairline(LIGHT), LIGHT.window) < contrast(LIGHT.border, LIGHT.window)
