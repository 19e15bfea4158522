"""Help > Tour: seven cards on the real window. To add one, append a step to the table."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from wbc_desktop.gui.help.callout import Callout
from wbc_desktop.gui.main_window import MainWindow


@dataclass(frozen=True, kw_only=True)
class TourStep:
    """One card.

    Attributes:
        part: The part of the window it is about.
        title: A few words.
        text: A few sentences; ``{action}`` stands for the first key of an action.
    """

    part: Callable[[MainWindow], QWidget]
    title: str
    text: str


_STEPS = (
    TourStep(
        part=lambda window: window.tools,
        title="Bring cells in",
        text="Import a patient's folder with {import_folder}, or drop folders or a ZIP file onto "
        "the window. You see what an import would do before anything is written. "
        "Then the cells are classified by themselves.",
    ),
    TourStep(
        part=lambda window: window.tree,
        title="Patients and slides",
        text="Click a patient or a slide to see only its cells. The dots say how far the review "
        "has come.",
    ),
    TourStep(
        part=lambda window: window.centre_view,
        title="Cells in groups",
        text="Cells stand in groups by class. A hollow dot is the model's label, a filled one a "
        "person's. The arrow keys go from cell to cell, {actual_size} shows one pixel by pixel, "
        "and {focus_filter} narrows down what is shown.",
    ),
    TourStep(
        part=lambda window: window.classes,
        title="Correct a label",
        text="Press the key of a class, or drag cells onto it. The label is saved at once, and "
        "{undo} takes it back. {accept} accepts what the model says, {accept_group} the sure cells "
        "of a whole group.",
    ),
    TourStep(
        part=lambda window: window.inspector,
        title="A closer look",
        text="The chosen cell, with the probability of every class and what was done to it. Where "
        "you are not sure either, {review_queue} leads you through the cells that need a look.",
    ),
    TourStep(
        part=lambda window: window.notice,
        title="Adapt to your site",
        text="From ten labels on, this line offers to adapt the model to your stain and scanner "
        "({adapt}). It takes seconds, and you decide whether the new model is used.",
    ),
    TourStep(
        part=lambda window: window.menuBar(),
        title="Everything else",
        text="{command_palette} finds any command by a few letters, {shortcuts} lists every key, "
        "and {export_cells} writes your results as a table. The tour is in the menu Help.",
    ),
)
N_STEPS = len(_STEPS)


class Tour:
    """Leads through the cards.

    Args:
        window: The parts, and the keys they have now.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._at = 0
        self.card = Callout(window)
        self.card.next_asked.connect(lambda: self._go(self._at + 1))
        self.card.back_asked.connect(lambda: self._go(self._at - 1))
        self.card.closed.connect(self.leave)

    def start(self) -> None:
        """Begin with the first card."""
        self._go(0)

    def leave(self) -> None:
        """Take the card away and give the keyboard back."""
        self.card.leave()
        if self._window.welcome.isVisible():
            self._window.welcome.open_button.setFocus()
        else:
            self._window.focus_cells()

    def _go(self, at: int) -> None:
        if at >= N_STEPS:
            self.leave()
            return
        self._at = max(at, 0)
        step = _STEPS[self._at]
        self.card.show_step(
            step.part(self._window),
            title=step.title,
            text=step.text.format_map(_Keys(self._window)),
            step=self._at + 1,
            of=N_STEPS,
        )


class _Keys(dict[str, str]):
    """The first key of each action as it is now."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window

    def __missing__(self, action: str) -> str:
        keys = self._window.keys.of_action(action)
        name = self._window.commands[action].iconText()
        return keys[0] if keys else f"the command “{name}”"
