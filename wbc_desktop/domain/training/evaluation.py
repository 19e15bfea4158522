"""How a candidate model compares with the model in use, as it is shown, told and logged.

Events hold no floats, so scores travel as text with four decimals; ``payload`` and
``from_payload`` belong together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wbc_desktop.domain.audit.events import Json

DECIMALS = 4


class Outcome(StrEnum):
    """What the rule says."""

    BETTER = "better"
    NOT_BETTER = "not_better"


@dataclass(frozen=True)
class ClassScore:
    """One class, evaluated on cells of the site.

    Attributes:
        label: Class id.
        n: Cells with this label.
        old: F1 of the model in use.
        new: F1 of the candidate.
    """

    label: str
    n: int
    old: float
    new: float


@dataclass(frozen=True)
class SiteScore:
    """One site, of the workspace or of training.

    Attributes:
        name: The site.
        n: Its evaluated cells.
        old: Macro-F1 of the model in use.
        new: Macro-F1 of the candidate.
    """

    name: str
    n: int
    old: float
    new: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The evaluation of a candidate against the model that was in use then.

    Attributes:
        outcome: What the rule says.
        provisional: It rests on too few cells, patients or slides to be relied on.
        reasons: Why, in plain sentences; what speaks against it alone if it is not better.
        rows: The classes of the site, in the order of the taxonomy.
        sites: The sites of the workspace, then those of training.
        n: Evaluated cells of the workspace.
        macro_old: Mean F1 over classes with enough cells, of the model in use.
        macro_new: Of the candidate.
        low: Lower bound of the difference, one-sided 95 %.
        high: Upper bound.
        forgetting: Macro-F1 lost on the sites of training; below 0 it is a gain.
        ece_old: Distance of confidence and share of right cells, of the model in use.
        ece_new: Of the candidate.
    """

    outcome: Outcome
    provisional: bool
    reasons: tuple[str, ...]
    rows: tuple[ClassScore, ...]
    sites: tuple[SiteScore, ...]
    n: int
    macro_old: float
    macro_new: float
    low: float
    high: float
    forgetting: float
    ece_old: float
    ece_new: float

    @property
    def better(self) -> bool:
        """True if the rule lets the candidate take over."""
        return self.outcome is Outcome.BETTER

    @property
    def headline(self) -> str:
        """The outcome in a few words."""
        if not self.better:
            return "Not better: kept as a candidate"
        return "Better, provisionally" if self.provisional else "Better"

    def payload(self) -> dict[str, Json]:
        """Return it as an event carries it."""
        return {
            "outcome": self.outcome.value,
            "provisional": self.provisional,
            "reasons": list(self.reasons),
            "n": self.n,
            "classes": [_scored(row.label, row.n, row.old, row.new) for row in self.rows],
            "sites": [_scored(row.name, row.n, row.old, row.new) for row in self.sites],
            **{name: _text(getattr(self, name)) for name in _NUMBERS},
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> "Evaluation":
        """Read one from an event.

        Raises:
            ValueError: If it is none.
        """
        try:
            numbers = {name: float(str(payload[name])) for name in _NUMBERS}
            return cls(
                outcome=Outcome(str(payload["outcome"])),
                provisional=payload["provisional"] is True,
                reasons=tuple(str(reason) for reason in _list(payload["reasons"])),
                rows=tuple(ClassScore(*row) for row in _rows(payload["classes"])),
                sites=tuple(SiteScore(*row) for row in _rows(payload["sites"])),
                n=int(str(payload["n"])),
                **numbers,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("no evaluation of a model") from error


_NUMBERS = ("macro_old", "macro_new", "low", "high", "forgetting", "ece_old", "ece_new")


def _text(value: float) -> str:
    return f"{value:.{DECIMALS}f}"


def _scored(name: str, n: int, old: float, new: float) -> list[Json]:
    return [name, n, _text(old), _text(new)]


def _list(value: Json) -> Sequence[Json]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError("no list")
    return value


def _rows(rows: Json) -> list[tuple[str, int, float, float]]:
    found = [_list(row) for row in _list(rows)]
    return [
        (str(name), int(str(n)), float(str(old)), float(str(new))) for name, n, old, new in found
    ]
