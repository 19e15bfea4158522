"""View > Group by and View > Sort by: how the cells are arranged.

The toolbar's boxes list the same choices. To add one, append a ``Choice`` here; the controller
``filter_controller`` hands its key to the browser.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from wbc_desktop.domain.filter.grouping import GroupBy
from wbc_desktop.domain.filter.sorting import SortKey
from wbc_desktop.gui.commands.actions.spec import ActionSpec

K = TypeVar("K", bound=Enum)


@dataclass(frozen=True, kw_only=True)
class Choice(Generic[K]):
    """One way to arrange the cells.

    Attributes:
        key: What the browser is asked for; its name in lower case is kept in the settings.
        text: What box and menu say, with the mark of its letter in the menu.
        tooltip: One sentence.
        shortcut: Its key, or empty.
    """

    key: K
    text: str
    tooltip: str
    shortcut: str = ""

    @property
    def name(self) -> str:
        """Its name in settings, saved views and action ids."""
        return self.key.name.lower()


GROUPS: tuple[Choice[GroupBy], ...] = (
    Choice(
        key=GroupBy.CLASS,
        text="Group by &class",
        tooltip="One group for each class of the label that counts",
        shortcut="Ctrl+1",
    ),
    Choice(
        key=GroupBy.PATIENT,
        text="Group by &patient",
        tooltip="One group for each patient",
        shortcut="Ctrl+2",
    ),
    Choice(
        key=GroupBy.SLIDE,
        text="Group by &slide",
        tooltip="One group for each slide",
        shortcut="Ctrl+3",
    ),
    Choice(
        key=GroupBy.STATUS,
        text="Group by review s&tate",
        tooltip="Not reviewed, accepted, corrected, unidentified, artefact",
        shortcut="Ctrl+4",
    ),
    Choice(
        key=GroupBy.READER,
        text="Group by &reader",
        tooltip="One group for each person who reviewed cells",
        shortcut="Ctrl+5",
    ),
)
SORTS: tuple[Choice[SortKey], ...] = (
    Choice(
        key=SortKey.CONFIDENCE_DESC,
        text="&Surest first",
        tooltip="Highest confidence of the model first",
    ),
    Choice(
        key=SortKey.CONFIDENCE_ASC,
        text="&Least sure first",
        tooltip="Lowest confidence of the model first",
    ),
    Choice(
        key=SortKey.LEAST_MARGIN,
        text="Smallest &margin first",
        tooltip="First the cells whose two likeliest classes are closest",
    ),
    Choice(
        key=SortKey.MOST_ENTROPY,
        text="Highest &entropy first",
        tooltip="First the cells whose probabilities are spread over most classes",
    ),
    Choice(
        key=SortKey.LARGEST_SET,
        text="M&ost could-be classes first",
        tooltip="First the cells of which most classes cannot be ruled out",
    ),
    Choice(
        key=SortKey.UNUSUAL_FIRST,
        text="Most &unusual first",
        tooltip="First the cells that are most unlike the training cells",
    ),
    Choice(
        key=SortKey.DISAGREEMENT,
        text="&Disagreement first",
        tooltip="First the cells whose label differs from the model's, the surest of them first",
    ),
    Choice(
        key=SortKey.REVIEWED_LAST_FIRST,
        text="Last &reviewed first",
        tooltip="First what was reviewed last",
    ),
    Choice(
        key=SortKey.IMPORT_ORDER,
        text="&Import order",
        tooltip="As the cells were imported",
    ),
)
ARRANGE = (
    *(
        ActionSpec(
            id=f"group_{choice.name}",
            text=choice.text,
            menu="&View",
            submenu="Gro&up by",
            tooltip=choice.tooltip,
            keys=(choice.shortcut,) if choice.shortcut else (),
            choice="group",
        )
        for choice in GROUPS
    ),
    *(
        ActionSpec(
            id=f"sort_{choice.name}",
            text=choice.text,
            menu="&View",
            submenu="S&ort by",
            tooltip=choice.tooltip,
            choice="sort",
        )
        for choice in SORTS
    ),
    ActionSpec(
        id="save_view",
        text="&Save or manage views…",
        menu="&View",
        submenu="Saved &views",
        tooltip="Give the present filter, groups and order a name; replace or delete saved views",
        keys=("Ctrl+Shift+S",),
        needs_cells=True,
    ),
)
