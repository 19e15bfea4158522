"""Colours, spacing and type of the window: our own tokens in a light and a dark set.

Widgets take colours from the application's palette wherever a palette reaches, and ask the
``Theme`` for the rest. To add a token, add a field, give it a value in both sets, and name the
pairs it is used in to the contrast test.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from wbc_desktop.domain.taxonomy.classes import CellClass

# Distances in device-independent pixels; nothing in between is used.
TIGHT, SMALL, MEDIUM, LARGE, WIDE = 4, 8, 12, 16, 24

_PAINTED_IN = "wbc_theme"  # property of the application: the name of the theme it is painted in
STAGE = "#808080"  # neutral grey behind every crop, the same in both themes


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One set of colours, each ``#RRGGBB``.

    Attributes:
        name: ``light`` or ``dark``.
        window: Background of the window and its bars.
        surface: Background of what is read: lists, gallery, fields.
        raised: Headers, buttons, alternate rows.
        border: Hairlines and outlines of fields.
        text: Text.
        text2: Text of second rank.
        accent: Selection, focus, links.
        on_accent: Text on the accent.
        danger: Errors.
        warning: What needs a look.
        ok: What is done.
    """

    name: str
    window: str
    surface: str
    raised: str
    border: str
    text: str
    text2: str
    accent: str
    on_accent: str
    danger: str
    warning: str
    ok: str

    @property
    def dark(self) -> bool:
        """True for the dark set."""
        return self.name == "dark"

    def class_colour(self, cell_class: CellClass) -> str:
        """Return the colour of a class on this theme's surface."""
        return cell_class.colour_dark if self.dark else cell_class.colour_light


LIGHT = Theme(
    name="light",
    window="#F4F4F2",
    surface="#FFFFFF",
    raised="#ECECE8",
    border="#8C8C84",
    text="#1B1C1E",
    text2="#54575D",
    accent="#1F55C4",
    on_accent="#FFFFFF",
    danger="#B3261E",
    warning="#7A4F00",
    ok="#1B6537",
)
DARK = Theme(
    name="dark",
    window="#15171A",
    surface="#1D2024",
    raised="#282C32",
    border="#6F757F",
    text="#ECEDEF",
    text2="#AEB3BB",
    accent="#8AB4F8",
    on_accent="#10233F",
    danger="#F2A9A4",
    warning="#F0C36D",
    ok="#8ED1A5",
)


def chosen(setting: str, *, system_is_dark: bool) -> Theme:
    """Return the theme a setting asks for.

    Args:
        setting: ``system``, ``light`` or ``dark``.
        system_is_dark: What the desktop prefers.
    """
    if setting == "system":
        return DARK if system_is_dark else LIGHT
    return DARK if setting == "dark" else LIGHT


def system_is_dark(app: QApplication) -> bool:
    """Tell whether the desktop prefers dark windows."""
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def apply(app: QApplication, theme: Theme) -> None:
    """Paint the whole application in a theme; nothing to do if it is painted so already."""
    if app.property(_PAINTED_IN) == theme.name:
        return  # a new style sheet makes Qt look at every widget there is again
    app.setProperty(_PAINTED_IN, theme.name)
    app.setStyle("Fusion")  # the one style that takes every colour from the palette
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """Return the tokens as a Qt palette."""
    roles = QPalette.ColorRole
    table = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.surface,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.text2,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.danger,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Light: theme.surface,
        roles.Midlight: theme.raised,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.border,
    }
    result = QPalette()
    for role, colour in table.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(mix(theme.text2, theme.window)))
    return result


def mix(colour: str, ground: str, share: float = 0.6) -> str:
    """Return ``share`` of a colour over the rest of a ground, as ``#RRGGBB``."""
    a, b = QColor(colour), QColor(ground)
    return QColor(
        round(a.red() * share + b.red() * (1 - share)),
        round(a.green() * share + b.green() * (1 - share)),
        round(a.blue() * share + b.blue() * (1 - share)),
    ).name()


def hairline(theme: Theme) -> str:
    """Return the colour of separating lines, quieter than the outline of a field."""
    return mix(theme.border, theme.window, 0.35)


def style_sheet(theme: Theme) -> str:
    """Return the few rules that a palette cannot express."""
    line = hairline(theme)
    pressed = mix(theme.text, theme.window, 0.16)
    faint = mix(theme.text2, theme.window)
    return f"""{_button_rules(theme)}
QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.border};
  padding: 4px; }}
QStatusBar {{ border-top: 1px solid {line}; background: {theme.window}; }}
QStatusBar::item {{ border: 0; }}
QSplitter::handle {{ background: {line}; }}
QTreeView, QTextEdit[flat="true"], QScrollArea[flat="true"] {{ border: 0; }}
QTreeView::item {{ padding: 3px 0; }}
QTreeView[table="true"]::item {{ padding: 3px 6px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMenu {{ background: {theme.raised}; border: 1px solid {theme.border}; }}
QMenu::item {{ padding: 4px 24px 4px 28px; color: {theme.text}; }}
QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
QMenu::item:disabled {{ background: transparent; color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 0; }}
QMenu::icon {{ left: 8px; }}
QMenu::indicator {{ width: 10px; height: 10px; left: 8px; border: 1px solid {theme.border};
  border-radius: 2px; background: {theme.surface}; }}
QMenu::indicator:exclusive {{ border-radius: 5px; }}
QMenu::indicator:checked {{ background: {theme.accent}; border-color: {theme.text}; }}
QMenuBar {{ background: {theme.window}; }}
QLineEdit {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {theme.border};
  border-radius: 4px; padding: 3px 6px; selection-background-color: {theme.accent};
  selection-color: {theme.on_accent}; }}
QLineEdit:focus {{ border-color: {theme.accent}; }}
QLineEdit:disabled {{ color: {faint}; border-color: {line}; background: {theme.window}; }}
QProgressBar {{ border: 0; border-radius: 3px; background: {pressed}; }}
QProgressBar::chunk {{ border-radius: 3px; background: {theme.accent}; }}
QFrame[strip="above"] {{ background: {theme.raised}; border: 0; border-bottom: 1px solid {line}; }}
QFrame[strip="below"] {{ background: {theme.raised}; border: 0; border-top: 1px solid {line}; }}
QTableView::item {{ padding: 0 6px; }}
QTableView QHeaderView::section, QTreeView QHeaderView::section {{
  background: {theme.raised}; color: {theme.text2}; border: 0; border-bottom: 1px solid {line};
  padding: 4px 9px; }}
QFrame#command_palette {{ background: {theme.surface}; border: 1px solid {theme.border};
  border-radius: 6px; }}
QFrame#floating {{ background: {theme.surface}; border: 1px solid {theme.border};
  border-radius: 4px; }}
QFrame#shift_banner {{ background: {theme.raised}; border: 0; border-bottom: 1px solid {line}; }}
QFrame#reference_strip {{ border: 0; border-top: 1px solid {line}; }}
QLabel[rank="second"] {{ color: {theme.text2}; }}
QLabel[rank="warning"] {{ color: {theme.warning}; }}
QLabel[rank="danger"] {{ color: {theme.danger}; }}
"""


def _button_rules(theme: Theme) -> str:
    line = hairline(theme)
    hover = mix(theme.text, theme.window, 0.08)
    pressed = mix(theme.text, theme.window, 0.16)
    faint = mix(theme.text2, theme.window)
    return f"""
QToolBar {{ border: 0; border-bottom: 1px solid {line}; background: {theme.window};
  spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ width: 1px; background: {line}; margin: 4px 4px; }}
QToolBar QToolButton, QToolButton[flat="true"] {{ border: 1px solid transparent;
  border-radius: 4px; padding: 4px 8px; background: transparent; color: {theme.text}; }}
QToolBar QToolButton:hover, QToolButton[flat="true"]:hover {{ background: {hover}; }}
QToolBar QToolButton:pressed, QToolBar QToolButton:checked,
QToolButton[flat="true"]:pressed {{ background: {pressed}; }}
QToolButton[flat="true"]:checked {{ background: {pressed}; border-color: {theme.border}; }}
QToolBar QToolButton:focus, QToolButton[flat="true"]:focus {{ border-color: {theme.accent}; }}
QToolBar QToolButton:disabled, QToolButton[flat="true"]:disabled {{
  color: {faint}; }}
QToolButton[fold="true"] {{ border: 1px solid transparent; border-radius: 4px; padding: 2px 0;
  background: transparent; color: {theme.text2}; font-weight: 600; text-align: left; }}
QToolButton[fold="true"]:hover {{ background: {hover}; }}
QToolButton[fold="true"]:focus {{ border-color: {theme.accent}; }}
QToolButton[opens="true"] {{ padding-right: 20px; }}
QToolButton[opens="true"]::menu-indicator {{ subcontrol-origin: border;
  subcontrol-position: right center; right: 6px; }}
QToolButton[chip="true"] {{ border: 1px solid {theme.border}; border-radius: 10px;
  padding: 1px 8px; background: {theme.raised}; color: {theme.text}; }}
QToolButton[chip="true"]:hover, QToolButton[chip="true"]:pressed {{ background: {pressed}; }}
QToolButton[chip="true"]:focus {{ border-color: {theme.accent}; }}
QToolButton[chip="true"]::menu-indicator {{ image: none; width: 0; }}"""


def set_rank(label: QLabel, rank: str) -> None:
    """Give a label its rank: ``second``, ``warning``, ``danger`` or the empty string."""
    if label.property("rank") != rank:
        label.setProperty("rank", rank)
        label.style().unpolish(label)
        label.style().polish(label)


def figures(font: QFont) -> QFont:
    """Return a font whose figures all have one width, so that numbers do not dance."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def section_head(font: QFont) -> QFont:
    """Return the font one step above a text font, for section heads."""
    result = figures(font)
    result.setPointSizeF(font.pointSizeF() * 1.1)
    result.setWeight(QFont.Weight.DemiBold)
    return result
