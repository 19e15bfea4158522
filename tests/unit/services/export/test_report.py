"""The report: what it says, that it needs nothing from outside, and that no name breaks it."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.unit.services.small_workspace import TAXONOMY, add_cells, new_workspace, predict
from wbc_desktop import RESEARCH_USE_ONLY
from wbc_desktop.domain.cells.differential import differential
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.export.patient_counts import display_order
from wbc_desktop.services.export.report import make_report, report_facts
from wbc_desktop.services.export.report_html import render
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.session.commands import Relabel
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StoreSlideShifts


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


class _Page(HTMLParser):
    """Checks that tags close as they open, and gathers text and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "img"}:
            self.open.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    return page


def test_it_shows_every_class_with_its_cells_and_pins_the_log(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(5), patient="P-9", site="Ward 2")
    predict(session, cells[:4], ["lymphocyte", "lymphocyte", "monocyte", "erythroblast"], prob=0.75)
    session.do(Relabel((cells[0],), "blast", ReviewMode.SINGLE))
    head = session.workspace.catalogue.events.head()[1]
    session.record(make_report(session.workspace, tmp_path / "report.html", taxonomy=TAXONOMY))

    page = read(tmp_path / "report.html")
    text = " ".join(page.text)
    for wanted in (
        *("P-9", "Ward 2", "1 of 5", "drawn-model", "Blast", "Monocyte", "0.75", "Leukocytes"),
        *(RESEARCH_USE_ONLY, head, session.workspace.code),
        "Outside the 100 %, per 100 leukocytes",
        "Without a label",
    ):
        assert wanted in text, wanted
    assert page.tags.count("img") == 4
    assert text.count("●") == 2  # the tile and the legend
    assert session.workspace.catalogue.events.head()[1] != head  # the report is recorded itself


def test_it_warns_of_a_slide_unlike_the_training_sites(session: Session, tmp_path: Path) -> None:
    predict(session, add_cells(session, range(2), slide="<green>"), ["blast", "blast"])
    predict(session, add_cells(session, [3], patient="P-2"), ["blast"])
    shift = SlideShift(
        n=48, score=3.456, alarm=True, statistic="s", text="Ground & greener.", advice="Compare."
    )
    calm = replace(shift, alarm=False, score=0.5, text="Nothing.")
    session.record(StoreSlideShifts(model_id="m", model_sha256="ab", shifts={1: shift, 2: calm}))
    session.record(make_report(session.workspace, tmp_path / "report.html", taxonomy=TAXONOMY))
    text = "".join(read(tmp_path / "report.html").text)
    assert "unlike the training sites: confidence may be overstated" in text
    assert "Slide <green>: Ground & greener. (3.46 times the alarm threshold, 48 cells)" in text
    assert "Compare." in text
    assert "Nothing." not in text


def test_it_gives_expected_shares_as_an_estimate(session: Session, tmp_path: Path) -> None:
    sha256 = open_predictor(TAXONOMY).model_sha256
    cells = add_cells(session, range(20))
    predict(session, cells, ["lymphocyte"] * 20, prob=0.97, model_sha256=sha256)
    session.record(make_report(session.workspace, tmp_path / "report.html", taxonomy=TAXONOMY))
    text = "".join(read(tmp_path / "report.html").text)
    assert "Expected (estimated)" in text
    assert "is no count" in text
    predict(session, cells[:1], ["lymphocyte"])  # of another model: now too few
    session.record(make_report(session.workspace, tmp_path / "report.html", taxonomy=TAXONOMY))
    assert "Expected" not in "".join(read(tmp_path / "report.html").text)


def test_it_needs_nothing_from_outside_and_runs_nothing(session: Session, tmp_path: Path) -> None:
    predict(session, add_cells(session, range(2)), ["blast", "blast"])
    path = tmp_path / "report.html"
    session.record(make_report(session.workspace, path, taxonomy=TAXONOMY))
    page = read(path)
    assert page.addresses
    for address in page.addresses:
        kind, _, data = address.partition(",")
        assert kind == "data:image/jpeg;base64"
        assert base64.b64decode(data, validate=True).startswith(b"\xff\xd8")
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"https?:|url\(|@import", path.read_text(encoding="utf-8"))


def test_names_with_markup_in_them_are_only_text(session: Session, tmp_path: Path) -> None:
    nasty = "<script>alert('&')</script>"
    add_cells(session, [1], patient=nasty, slide='"><img src=x>', site=nasty)
    path = tmp_path / "report.html"
    session.record(make_report(session.workspace, path, taxonomy=TAXONOMY))
    page = read(path)
    assert "script" not in page.tags
    assert nasty in "".join(page.text)


def test_a_class_with_many_cells_says_how_many_it_shows(session: Session) -> None:
    predict(session, add_cells(session, range(5)), ["monocyte"] * 5)
    facts = report_facts(session.workspace, taxonomy=TAXONOMY, tiles_per_class=3)
    (sheet,) = facts.patients[0].sheets
    assert (sheet.n, len(sheet.tiles)) == (5, 3)
    assert "The 3 of 5 cells" in render(facts, TAXONOMY)


def test_only_the_patients_asked_for_are_reported(session: Session) -> None:
    add_cells(session, [1], patient="A")
    add_cells(session, [2], patient="B")
    facts = report_facts(session.workspace, taxonomy=TAXONOMY, patients=frozenset({"B"}))
    assert [patient.code for patient in facts.patients] == ["B"]


def test_a_parent_with_cells_stands_before_its_leaves_and_an_empty_one_not_at_all() -> None:
    rows = differential({"neutrophil_band": 3, "lymphocyte": 1}, TAXONOMY)
    order = [row.class_id for row in display_order(rows, TAXONOMY)]
    assert order[:3] == ["neutrophil", "neutrophil_segmented", "neutrophil_band"]
    assert "immature_granulocyte" not in order
    assert set(order) >= set(TAXONOMY.leaves)
