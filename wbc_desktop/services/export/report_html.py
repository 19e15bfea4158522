"""The page of a report: facts in, one self-contained HTML text out. Nothing is fetched or run.

To add a section, write a function that returns its HTML from the facts, call it in ``render`` or
``_patient``, and give it its look in ``report_style``.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.domain.cells.differential import DifferentialRow
from wbc_desktop.domain.cells.slide_shift import SlideQuality
from wbc_desktop.domain.taxonomy.classes import CellClass, Taxonomy
from wbc_desktop.services.export.report_quality import (
    expected_cell,
    expected_head,
    expected_note,
    warning,
)
from wbc_desktop.services.export.report_style import STYLE


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


def display_order(rows: Iterable[DifferentialRow], taxonomy: Taxonomy) -> Iterator[DifferentialRow]:
    """Yield the rows as people read them: a parent with cells stands before its leaves.

    Args:
        rows: A differential.
        taxonomy: The classes.
    """
    by_id = {row.class_id: row for row in rows}
    parents = taxonomy.parents()
    for cell_class in taxonomy.classes:
        if cell_class.id in parents and cell_class.id in by_id and not by_id[cell_class.id].n:
            del by_id[cell_class.id]
    for cell_class in taxonomy.classes:
        for class_id in _family(cell_class, taxonomy):
            row = by_id.pop(class_id, None)
            if row is not None and (row.n or not taxonomy.by_id[class_id].hidden):
                yield row


def _family(cell_class: CellClass, taxonomy: Taxonomy) -> Iterator[str]:
    """Yield the topmost class above a class, and all below that, each before those below it."""
    top = cell_class
    while top.parent is not None:
        top = taxonomy.by_id[top.parent]
    waiting = [top.id]
    while waiting:
        yield waiting[0]
        children = [c.id for c in taxonomy.classes if c.parent == waiting[0]]
        waiting = [*children, *waiting[1:]]


def class_name(row: DifferentialRow, taxonomy: Taxonomy) -> str:
    """Return the name of a class in a differential, where a parent stands for all below it.

    Args:
        row: The row of the class.
        taxonomy: The classes.
    """
    name = taxonomy.by_id[row.class_id].name
    if not taxonomy.below(row.class_id):
        return name
    rest = f" ({row.n_own:,} unspecified)" if row.n_own else ""
    return f"{name.partition(',')[0]}, all{rest}"


def render(facts: ReportFacts, taxonomy: Taxonomy) -> str:
    """Return the whole page.

    Args:
        facts: What it says.
        taxonomy: The classes.
    """
    title = "White blood cell differential"
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{title}</title>",
            f"<style>{STYLE}{_class_colours(taxonomy)}</style></head>",
            f"<body><main><header><h1>{title}</h1>",
            f'<p class="notice">{escape(RESEARCH_USE_ONLY)}</p></header>',
            *(_patient(patient, taxonomy) for patient in facts.patients),
            _provenance(facts),
            "</main></body></html>\n",
        )
    )


def _patient(patient: PatientFacts, taxonomy: Taxonomy) -> str:
    facts = [
        ("Patient", patient.code),
        ("Site", patient.site or "not given"),
        ("Slides", ", ".join(patient.slides)),
        ("Cells", f"{patient.n_cells:,}"),
        ("Reviewed", f"{patient.n_reviewed:,} of {patient.n_cells:,}"),
        ("Model", ", ".join(patient.models) or "none"),
    ]
    if patient.n_unlabelled:
        facts.append(("Without a label", f"{patient.n_unlabelled:,}"))
    return "\n".join(
        (
            '<section class="patient"><dl class="facts">',
            *(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts),
            "</dl>",
            *(warning(quality) for quality in patient.alarms),
            _table(patient, taxonomy),
            *(_sheet(sheet, patient, taxonomy) for sheet in patient.sheets),
            "</section>",
        )
    )


def _table(patient: PatientFacts, taxonomy: Taxonomy) -> str:
    ordered = list(display_order(patient.rows, taxonomy))
    counted = [row for row in ordered if row.counted]
    outside = [row for row in ordered if not row.counted and row.n]
    total = patient.rows[0].denominator if patient.rows else 0
    expected = patient.expected
    estimated = expected is not None
    lines = [
        (
            '<table><thead><tr><th scope="col">Class</th><th scope="col" class="number">Cells</th>'
            '<th scope="col" class="number">Percent</th>'
            '<th scope="col" class="number">95 % interval</th>'
            f"{expected_head(shown=estimated)}"
            '<th scope="col" class="chart"><span class="hidden">Chart</span></th></tr></thead>'
        ),
        (
            f"<tbody>{''.join(_row(row, taxonomy, expected) for row in counted)}"
            f'<tr class="total"><th scope="row">Leukocytes counted</th><td class="number">{total:,}'
            f'</td><td class="number">{"100.0" if total else "–"}</td><td></td>'
            f"{'<td></td>' if estimated else ''}<td></td></tr>"
            "</tbody>"
        ),
    ]
    if outside:
        lines.append(
            f'<tbody><tr class="group"><th scope="rowgroup" colspan="{6 if estimated else 5}">'
            "Outside the 100 %, per 100 leukocytes</th></tr>"
            f"{''.join(_row(row, taxonomy, expected) for row in outside)}</tbody>"
        )
    lines.append(f"</table>{expected_note(alarm=bool(patient.alarms)) if estimated else ''}")
    return "".join(lines)


def _row(row: DifferentialRow, taxonomy: Taxonomy, expected: Mapping[str, float] | None) -> str:
    cell_class = taxonomy.by_id[row.class_id]
    indent = ' class="leaf"' if cell_class.parent else ""
    empty = ' class="none"' if row.n == 0 else ""
    return (
        f'<tr{empty}><th scope="row"{indent}>{_chip(row.class_id, taxonomy)}'
        f"{escape(class_name(row, taxonomy))}</th>"
        f'<td class="number">{row.n:,}</td><td class="number">{_percent(row.percent)}</td>'
        f'<td class="number quiet">{_interval(row)}</td>{expected_cell(row.class_id, expected)}'
        f'<td class="chart">{_chart(row)}</td></tr>'
    )


def _chart(row: DifferentialRow) -> str:
    """Return a bar of the percentage with its interval as a line, on a scale of 0–100."""
    if row.percent is None or row.ci_low is None or row.ci_high is None:
        return ""
    bar, low, high = (min(v, 100.0) for v in (row.percent, row.ci_low, row.ci_high))
    return (
        f'<span class="scale c-{row.class_id}"><span class="bar" style="width:{bar:.2f}%"></span>'
        f'<span class="whisker" style="left:{low:.2f}%;width:{high - low:.2f}%"></span></span>'
    )


def _sheet(sheet: Sheet, patient: PatientFacts, taxonomy: Taxonomy) -> str:
    row = next(row for row in patient.rows if row.class_id == sheet.class_id)
    share = ""
    if sheet.class_id not in taxonomy.parents() and row.percent is not None:
        share = f"{_percent(row.percent)} %" if row.counted else "outside the 100 %"
    more = ""
    if len(sheet.tiles) < sheet.n:
        more = (
            f'<p class="quiet">The {len(sheet.tiles):,} of {sheet.n:,} cells of which the model'
            " is most confident.</p>"
        )
    return (
        f'<section class="sheet"><h2>{_chip(sheet.class_id, taxonomy)}'
        f"{escape(taxonomy.by_id[sheet.class_id].name)}"
        f'<span class="count">{sheet.n:,}</span><span class="quiet">{share}</span></h2>{more}'
        f'<div class="tiles">{"".join(map(_tile, sheet.tiles))}</div></section>'
    )


def _tile(tile: Tile) -> str:
    mark = (
        '<b title="Label of a person">●</b>'
        if tile.human
        else '<i title="Label of the model">○</i>'
    )
    prob = "" if tile.prob is None else "&gt;0.99" if tile.prob >= 0.995 else f"{tile.prob:.2f}"
    image = '<span class="lost">no image</span>'
    if tile.jpeg is not None:
        encoded = base64.b64encode(tile.jpeg).decode("ascii")
        image = f'<img alt="" src="data:image/jpeg;base64,{encoded}">'
    return (
        f'<figure title="{escape(tile.title)}"><div class="stage">{image}</div>'
        f"<figcaption>{mark}{prob}</figcaption></figure>"
    )


def _provenance(facts: ReportFacts) -> str:
    entries = (
        ("Workspace", facts.workspace),
        ("Audit log", f"event {facts.head_seq:,}, head hash {facts.head_hash}"),
        ("Made", f"{facts.made_at} by WBC Desktop {facts.app_version}"),
    )
    return (
        "<footer><p>○ label of the model, ● label of a person; the number is the model’s"
        " confidence. The intervals are exact (Clopper–Pearson) and cover the sampling of cells"
        " only: they know nothing of wrong labels.</p>"
        f"<dl>{''.join(f'<div><dt>{k}</dt><dd>{escape(v)}</dd></div>' for k, v in entries)}</dl>"
        f'<p class="notice">{escape(RESEARCH_USE_ONLY)}</p></footer>'
    )


def _chip(class_id: str, taxonomy: Taxonomy) -> str:
    code = escape(taxonomy.by_id[class_id].code)
    return f'<span class="chip c-{class_id}">{code}</span>'


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _interval(row: DifferentialRow) -> str:
    if row.ci_low is None or row.ci_high is None:
        return "–"
    return f"{row.ci_low:.1f}–{row.ci_high:.1f}"


def _class_colours(taxonomy: Taxonomy) -> str:
    light = "".join(f".c-{c.id}{{--c:{c.colour_light}}}" for c in taxonomy.classes)
    dark = "".join(f".c-{c.id}{{--c:{c.colour_dark}}}" for c in taxonomy.classes)
    return f"{light}@media screen and (prefers-color-scheme: dark){{{dark}}}"
