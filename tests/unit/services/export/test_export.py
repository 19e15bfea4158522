"""Exports: the binding columns, what they hold, and that nothing half-written is left."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.services.small_workspace import TAXONOMY, add_cells, new_workspace, predict
from wbc_desktop import RESEARCH_USE_ONLY, __version__
from wbc_desktop.domain.audit.events import EventType, digest
from wbc_desktop.domain.cells.prediction import PredictionBatch
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.formulas import guard, unguard
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.export.cells_csv import cell_row, cells_header
from wbc_desktop.services.export.csv_text import number, write_csv
from wbc_desktop.services.export.export_kind import ExportKind
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.inference.classify import open_predictor
from wbc_desktop.services.session.commands import Accept, Relabel, SetNote
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions, StoreSlideShifts

COLUMNS = (
    "schema_version,patient_id,slide_id,site_id,um_per_px,cell_id,image_path,image_sha256,"
    "source_label,pred_label,pred_prob,pred_set,"
    "prob_neutrophil_segmented,prob_neutrophil_band,prob_eosinophil,prob_basophil,prob_lymphocyte,"
    "prob_lymphocyte_reactive,prob_monocyte,prob_blast,prob_promyelocyte,prob_myelocyte,"
    "prob_metamyelocyte,prob_plasma_cell,prob_erythroblast,prob_smudge_cell,prob_platelet,"
    "prob_artefact,ood_score,slide_shift,model_id,model_sha256,predicted_at,final_label,"
    "label_source,status,review_mode,reviewer_id,reviewed_at,n_reviews,comment,"
    "counted_in_differential,app_version,attributes,merged_from"
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_columns_are_the_binding_ones_in_their_order() -> None:
    assert ",".join(cells_header(TAXONOMY)) == COLUMNS


def test_each_cell_is_told_with_what_the_model_and_the_person_said(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(6), patient="P-7", site="Ward 2")
    predict(session, cells[:5], ["lymphocyte", "lymphocyte", "monocyte", "blast", "erythroblast"])
    session.do(Accept((cells[0],), ReviewMode.SINGLE))
    session.do(Relabel((cells[1],), "lymphocyte_reactive", ReviewMode.QUEUE))
    session.do(Relabel((cells[2],), "unidentified", ReviewMode.BULK))
    session.do(Relabel((cells[3],), "artefact", ReviewMode.SINGLE))
    session.do(SetNote(cells[1], "=dark, “blue”"))

    export(session, tmp_path / "cells.csv")

    rows = table(tmp_path / "cells.csv")
    seen = [
        (row["final_label"], row["label_source"], row["status"], row["counted_in_differential"])
        for row in rows
    ]
    assert seen == [
        ("lymphocyte", "human", "accepted", "1"),
        ("lymphocyte_reactive", "human", "corrected", "1"),
        ("unidentified", "human", "undecided", "0"),
        ("artefact", "human", "excluded", "0"),
        ("erythroblast", "model", "unreviewed", "0"),
        ("", "", "unreviewed", "0"),
    ]
    first, second, *_, last = rows
    assert first["patient_id"] == "P-7"
    assert first["site_id"] == "Ward 2"
    assert first["cell_id"] == f"{session.workspace.code}-{cells[0]:07d}"
    assert first["pred_prob"] == "0.900000"
    assert first["prob_lymphocyte"] == "0.900000"
    assert (first["reviewer_id"], first["review_mode"], first["n_reviews"]) == (
        "Tester",
        "single",
        "1",
    )
    assert first["reviewed_at"].endswith("Z")
    assert first["app_version"] == __version__
    assert second["comment"] == "'=dark, “blue”"
    assert last["pred_label"] == last["prob_blast"] == last["model_id"] == last["um_per_px"] == ""
    trust = ("pred_set", "ood_score", "slide_shift")
    assert [first[column] for column in trust] == ["lymphocyte", "0.2500", ""]
    assert [last[column] for column in trust] == ["", "", ""]


def test_lines_end_as_rfc_4180_says_and_there_is_no_byte_order_mark(
    session: Session, tmp_path: Path
) -> None:
    add_cells(session, [1])
    export(session, tmp_path / "cells.csv")
    content = (tmp_path / "cells.csv").read_bytes()
    assert content.startswith(b"schema_version,")
    assert content.count(b"\r\n") == content.count(b"\n") == 2


def test_only_the_patients_asked_for_are_exported(session: Session, tmp_path: Path) -> None:
    add_cells(session, [1, 2], patient="A")
    add_cells(session, [3], patient="B")
    exported = export(session, tmp_path / "b.csv", patients=frozenset({"B"}))
    assert exported.written.rows == 1
    assert [row["patient_id"] for row in table(tmp_path / "b.csv")] == ["B"]


def test_every_export_pins_the_audit_log_and_is_recorded_in_it(
    session: Session, tmp_path: Path
) -> None:
    add_cells(session, [1, 2])
    seq, head = session.workspace.catalogue.events.head()
    export(session, tmp_path / "cells.csv")

    meta = json.loads((tmp_path / "cells.csv.meta.json").read_text(encoding="utf-8"))
    sha256 = hashlib.sha256((tmp_path / "cells.csv").read_bytes()).hexdigest()
    assert (meta["head_seq"], meta["head_hash"]) == (seq, head)
    assert (meta["rows"], meta["sha256"]) == (2, sha256)
    assert meta["notice"] == RESEARCH_USE_ONLY
    event = list(session.workspace.catalogue.events.all(seq))[-1]
    assert event.type is EventType.EXPORTED
    assert event.payload["sha256"] == sha256
    assert event.payload["file"] == "cells.csv"


def test_the_differential_has_a_row_per_patient_and_class(session: Session, tmp_path: Path) -> None:
    cells = add_cells(session, range(10), patient="A")
    labels = ["neutrophil_segmented"] * 6 + ["neutrophil_band"] * 2 + ["lymphocyte", "smudge_cell"]
    predict(session, cells, labels)
    session.do(Relabel((cells[0],), "neutrophil", ReviewMode.SINGLE))
    other = add_cells(session, [77], patient="B")
    predict(session, other, ["monocyte"])
    head = session.workspace.catalogue.events.head()[1]

    export(session, tmp_path / "differential.csv", what=ExportKind.DIFFERENTIAL)

    rows = {(row["patient_id"], row["class"]): row for row in table(tmp_path / "differential.csv")}
    assert len(rows) == 2 * len(TAXONOMY.classes)
    neutrophil = rows["A", "neutrophil"]
    assert (neutrophil["n_own"], neutrophil["n"], neutrophil["denominator"]) == ("1", "8", "9")
    assert neutrophil["percent"] == "88.889"
    assert neutrophil["loinc"] == "26511-6"
    assert (neutrophil["n_reviewed"], neutrophil["reviewed_percent"]) == ("1", "12.5")
    assert rows["A", "smudge_cell"]["counted"] == "0"
    assert rows["B", "monocyte"]["percent"] == "100.000"
    assert {row["head_hash"] for row in rows.values()} == {head}
    assert {row["notice"] for row in rows.values()} == {RESEARCH_USE_ONLY}
    own = sum(int(r["n_own"]) for (who, _), r in rows.items() if who == "A" and r["counted"] == "1")
    assert own == int(neutrophil["denominator"])


def test_what_the_model_expects_stands_beside_the_counts(session: Session, tmp_path: Path) -> None:
    sha256 = open_predictor(TAXONOMY).model_sha256
    enough = add_cells(session, range(30), patient="A")
    labels = ["neutrophil_segmented"] * 20 + ["lymphocyte"] * 8 + ["platelet"] * 2
    predict(session, enough, labels, prob=0.97, model_sha256=sha256)
    too_few = add_cells(session, range(30, 49), patient="B")
    predict(session, too_few, ["monocyte"] * 19, model_sha256=sha256)
    other_model = add_cells(session, range(50, 80), patient="C")
    predict(session, other_model, ["monocyte"] * 30)

    export(session, tmp_path / "differential.csv", what=ExportKind.DIFFERENTIAL)

    rows = {(row["patient_id"], row["class"]): row for row in table(tmp_path / "differential.csv")}
    expected = {c: rows["A", c]["expected_percent"] for c in ("neutrophil", "lymphocyte")}
    assert 60 < float(expected["neutrophil"]) < 80
    assert 20 < float(expected["lymphocyte"]) < 40
    assert rows["A", "unidentified"]["expected_percent"] == ""
    assert {row["expected_percent"] for (who, _), row in rows.items() if who != "A"} == {""}
    assert {row["schema_version"] for row in rows.values()} == {"2"}


def test_a_slide_says_how_unlike_the_training_sites_it_is(session: Session, tmp_path: Path) -> None:
    predict(session, add_cells(session, range(2), slide="green"), ["blast", "blast"])
    shift = SlideShift(n=2, score=3.456, alarm=True, statistic="s", text="t", advice="a")
    session.record(StoreSlideShifts(model_id="m", model_sha256="ab" * 32, shifts={1: shift}))
    export(session, tmp_path / "cells.csv")
    assert {row["slide_shift"] for row in table(tmp_path / "cells.csv")} == {"3.46"}


def test_a_set_is_written_likeliest_class_first(session: Session) -> None:
    (cell,) = add_cells(session, [1])
    leaves = len(TAXONOMY.leaves)
    probs = np.linspace(0.01, 0.1, leaves, dtype=np.float32)[None]
    sets = np.zeros((1, leaves), np.bool_)
    sets[0, [0, 4, 6]] = True
    batch = PredictionBatch(
        model_id="m",
        model_sha256="ab" * 32,
        cell_ids=(cell,),
        probs=probs,
        scale_source=np.zeros(1, np.uint8),
        pred_set=sets,
        ood_score=np.array([0.99991], np.float32),
        appearance=np.zeros((1, 2), np.float32),
    )
    session.record(StorePredictions(batch))
    row = dict(
        zip(
            cells_header(TAXONOMY),
            cell_row(session.workspace.catalogue.cells.get(cell), TAXONOMY),
            strict=True,
        )
    )
    assert row["pred_set"] == "monocyte;lymphocyte;neutrophil_segmented"
    assert row["ood_score"] == "0.9999"


def test_the_audit_export_can_be_checked_without_this_program(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(3))
    session.do(Relabel(cells, "blast", ReviewMode.BULK))
    session.undo()
    export(session, tmp_path / "audit.csv", what=ExportKind.AUDIT)

    rows = table(tmp_path / "audit.csv")
    assert [row["seq"] for row in rows] == [str(i) for i in range(1, len(rows) + 1)]
    for row in rows:
        assert row["hash"] == digest(
            seq=int(row["seq"]),
            at=row["at"],
            reader=unguard(row["reader_id"]),
            type_=row["type"],
            payload=row["payload"],
            prev_hash=row["prev_hash"],
        )


def test_a_file_that_cannot_be_written_is_named_and_not_recorded(
    session: Session, tmp_path: Path
) -> None:
    add_cells(session, [1])
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError, match="missing"):
        export(session, tmp_path / "missing" / "cells.csv")
    assert session.workspace.catalogue.events.head() == head


@pytest.mark.parametrize("name", ["workspace.wbc", "Crops.db", "workspace.wbc-wal"])
def test_an_export_never_replaces_the_workspace(session: Session, name: str) -> None:
    add_cells(session, [1])
    with pytest.raises(UserError, match="workspace itself"):
        export(session, session.workspace.folder / name)
    assert len(session.workspace.catalogue.patients.all()) == 1


def test_a_broken_export_leaves_the_earlier_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("earlier")

    def rows() -> Iterator[tuple[str]]:
        yield ("1",)
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError):
        write_csv(path, ("a",), rows())
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4))
def test_any_text_survives_the_file(texts: list[str]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow([guard(text) for text in texts])
    buffer.seek(0)
    (row,) = csv.reader(buffer, strict=True)
    assert [unguard(field) for field in row] == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (float("inf"), ""),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (2.0, "2"),
        (1e22, "10000000000000000000000"),
    ],
)
def test_numbers_are_plain_and_finite(value: float | None, text: str) -> None:
    assert number(value) == text
