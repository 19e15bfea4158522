"""The page of a report: facts in, one self-contained HTML text out. Nothing is fetched or run.

What is on the page stands in the template ``resources/report/report.html.jinja``, its look in
``report.css`` beside it: the tokens of the window, and plain black on paper. Every text from
outside is escaped by jinja2. To add a fact, give it to one of the classes here and to the template.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wbc_desktop import RESEARCH_USE_ONLY, paths
from wbc_desktop.domain.cells.differential import DifferentialRow
from wbc_desktop.domain.cells.slide_shift import SlideQuality
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.services.export.patient_counts import class_name, display_order

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One cell on a contact sheet.

    Attributes:
        title: Shown when the pointer rests on it: cell id and image path.
        jpeg: The thumbnail, or None if the store lacks it.
        prob: Probability of the model's label, or None.
        human: True if a person gave or accepted the label.
    """

    title: str
    jpeg: bytes | None
    prob: float | None
    human: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The contact sheet of one class.

    Attributes:
        class_id: The class.
        n: Cells of the class; the tiles may be fewer.
        tiles: The cells shown.
    """

    class_id: str
    n: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, kw_only=True)
class PatientFacts:
    """What the report says of one patient.

    Attributes:
        code: The patient's id.
        site: Name of the site, or the empty string.
        slides: Codes of the slides.
        models: Names of the models that gave labels.
        n_cells: Cells in all.
        n_reviewed: Cells a person has labelled or accepted.
        n_unlabelled: Cells that have no label yet.
        rows: The differential.
        expected: Estimated percent by class id, or None where there is no estimate.
        alarms: Slides that are unlike every training site.
        sheets: Contact sheets in the taxonomy's order.
    """

    code: str
    site: str
    slides: tuple[str, ...]
    models: tuple[str, ...]
    n_cells: int
    n_reviewed: int
    n_unlabelled: int
    rows: tuple[DifferentialRow, ...]
    expected: Mapping[str, float] | None
    alarms: tuple[SlideQuality, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """What a report says.

    Attributes:
        patients: In the order of the workspace.
        workspace: Code of the workspace.
        head_seq: Number of the newest event.
        head_hash: Its hash: pins the audit log as it was.
        made_at: UTC time, ISO 8601.
        app_version: Version of the program.
    """

    patients: tuple[PatientFacts, ...]
    workspace: str
    head_seq: int
    head_hash: str
    made_at: str
    app_version: str


def render(facts: ReportFacts, taxonomy: Taxonomy) -> str:
    """Return the whole page.

    Args:
        facts: What it says.
        taxonomy: The classes.
    """
    page = _environment(taxonomy).get_template("report.html.jinja")
    return page.render(
        facts=facts, classes=taxonomy.by_id, parents=taxonomy.parents(), notice=RESEARCH_USE_ONLY
    )


def _environment(taxonomy: Taxonomy) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(paths.resources_dir() / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "thousands": "{:,}".format,
        "percent": _percent,
        "base64": _base64,
        "class_name": partial(class_name, taxonomy=taxonomy),
        "display_order": lambda rows: list(display_order(rows, taxonomy)),
    }
    return environment


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
