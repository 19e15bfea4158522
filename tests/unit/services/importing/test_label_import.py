"""Labels from a CSV file: our own export comes back as it was, and a wrong line changes nothing."""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.services.small_workspace import TAXONOMY, add_cells, new_workspace, predict
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.services.export.exporting import export
from wbc_desktop.services.importing.label_import import ApplyLabels, LabelPlan, plan_labels
from wbc_desktop.services.session.commands import Relabel, SetNote
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.taxonomy_commands import MergeClasses
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.names import cell_key


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = new_workspace(tmp_path / "workspace")
    with session.workspace:
        yield session


def write(path: Path, *lines: Sequence[str], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(lines)
    return path


def apply(session: Session, path: Path) -> LabelPlan:
    plan = plan_labels(path, session.workspace.catalogue, session.taxonomy)
    session.record(ApplyLabels(plan))
    return plan


def labels(session: Session) -> dict[int, str]:
    return {i: r.label for i, r in session.workspace.catalogue.reviews.reviews_for().items()}


def key(session: Session, cell: int) -> str:
    return cell_key(session.workspace.code, cell)


def test_cells_are_found_by_id_or_image_and_classes_by_any_of_their_names(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(4))
    sha = session.workspace.catalogue.cells.shas(cells)
    path = write(
        tmp_path / "labels.csv",
        ("cell_id", "image_sha256", "label", "remark"),
        (key(session, cells[0]), "", "monocyte", "ignored"),
        ("", sha[1].upper(), "SNE", ""),
        (key(session, cells[2]), sha[2], "Reactive lymphocyte", ""),
        ("", "", "", ""),
        (key(session, cells[3]), "", "", ""),
    )
    plan = apply(session, path)
    assert labels(session) == {
        cells[0]: "monocyte",
        cells[1]: "neutrophil_segmented",
        cells[2]: "lymphocyte_reactive",
    }
    assert len(plan.labels) == 3
    review = session.workspace.catalogue.reviews.reviews_for(cells)[cells[0]]
    assert (review.reviewer, review.mode) == ("Tester", ReviewMode.BULK)


def test_a_spreadsheets_own_csv_is_understood(session: Session, tmp_path: Path) -> None:
    cells = add_cells(session, range(2))
    path = tmp_path / "labels.csv"
    text = f"Cell_ID;Label\r\n{key(session, cells[0])};Blast\r\n{key(session, cells[1])};BAS\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    apply(session, path)
    assert labels(session) == {cells[0]: "blast", cells[1]: "basophil"}


def test_the_labels_of_one_file_are_one_step_to_undo_and_its_comments_another(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(3))
    path = write(
        tmp_path / "labels.csv",
        ("cell_id", "label", "comment"),
        (key(session, cells[0]), "blast", "Auer rod?"),
        (key(session, cells[1]), "monocyte", ""),
        (key(session, cells[2]), "", "out of focus"),
    )
    apply(session, path)
    notes = session.workspace.catalogue.reviews.notes_for()
    assert notes == {cells[0]: "Auer rod?", cells[2]: "out of focus"}
    session.undo()
    assert session.workspace.catalogue.reviews.notes_for() == {}
    session.undo()
    assert labels(session) == {}
    assert verify(session.workspace, TAXONOMY).ok


def test_the_same_file_twice_changes_nothing_the_second_time(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(2))
    path = write(tmp_path / "labels.csv", ("cell_id", "label"), (key(session, cells[0]), "blast"))
    apply(session, path)
    head = session.workspace.catalogue.events.head()
    plan = apply(session, path)
    assert (plan.labels, plan.unchanged) == ({}, 1)
    assert session.workspace.catalogue.events.head() == head


def test_the_own_file_leaves_the_labels_of_merged_classes_as_they_were(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(3))
    session.do(Relabel((cells[0], cells[1]), "lymphocyte_reactive", ReviewMode.BULK))
    session.do(Relabel((cells[2],), "lymphocyte", ReviewMode.SINGLE))
    session.do(MergeClasses(("lymphocyte_reactive",), "lymphocyte"))
    export(session, tmp_path / "cells.csv")
    before = labels(session)
    plan = apply(session, tmp_path / "cells.csv")
    assert (plan.labels, plan.unchanged) == ({}, 3)
    session.do(Relabel(tuple(cells), "lymphocyte", ReviewMode.BULK))
    assert labels(session) == before
    assert session.undo_text == "Merge Reactive lymphocyte into Lymphocyte"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("{0}", "", "dragon"), "line 3: there is no class “dragon”"),
        (("{ws}-0009999", "", "blast"), "line 3: there is no cell"),
        (("zzzzzz-0000001", "", "blast"), "line 3: This cell belongs to another workspace"),
        (("", "00" * 32, "blast"), "line 3: there is no cell with the image"),
        (("", "{same}", "blast"), "line 3: 2 cells have the image"),
        (("{0}", "{same}", "blast"), "line 3: cell"),
        (("", "", "blast"), "line 3: it names no cell"),
        (("{1}", "", "blast"), "line 3: line 2 says otherwise of the same cell"),
    ],
)
def test_one_wrong_line_is_named_and_nothing_is_applied(
    session: Session, tmp_path: Path, line: tuple[str, str, str], said: str
) -> None:
    cells = add_cells(session, [1, 2, 3], patient="A")
    add_cells(session, [3], patient="B")
    same = session.workspace.catalogue.cells.shas([cells[2]])[0]
    ids = [key(session, cell) for cell in cells]
    filled = [field.format(*ids, ws=session.workspace.code, same=same) for field in line]
    path = write(
        tmp_path / "labels.csv",
        ("cell_id", "image_sha256", "label"),
        (ids[1], "", "monocyte"),
        filled,
    )
    head = session.workspace.catalogue.events.head()
    with pytest.raises(UserError) as caught:
        apply(session, path)
    assert said in str(caught.value)
    assert labels(session) == {}
    assert session.workspace.catalogue.events.head() == head


def test_a_line_number_counts_the_lines_of_the_file_even_after_a_comment_of_two_lines(
    session: Session, tmp_path: Path
) -> None:
    cells = add_cells(session, range(2))
    path = write(
        tmp_path / "labels.csv",
        ("cell_id", "label", "comment"),
        (key(session, cells[0]), "blast", "two\nlines"),
        (key(session, cells[1]), "dragon", ""),
    )
    with pytest.raises(UserError, match="line 4: there is no class"):
        apply(session, path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"cell_id,comment\r\n", "has no labels"),
        (b"name,label\r\n", "names no cells"),
        (b"cell_id,final_label\r\n", "has no labels"),
        (b"cell_id,label,label\r\n", "stands twice"),
        (b"cell_id,label\r\n\xff\xfe,x\r\n", "not UTF-8"),
        (b'cell_id,label\r\n"open,x\r\n', "not sound CSV"),
        (b"cell_id,label,label_source\r\na,b,oracle\r\n", "neither human nor model"),
    ],
)
def test_a_file_that_is_no_list_of_labels_is_refused(
    session: Session, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        apply(session, path)
    path.unlink()
    with pytest.raises(UserError, match="could not be read"):
        apply(session, path)


def test_a_label_of_the_model_never_becomes_a_human_one(session: Session, tmp_path: Path) -> None:
    cells = add_cells(session, range(3))
    predict(session, cells, ["blast", "monocyte", "lymphocyte"])
    session.do(Relabel((cells[0],), "basophil", ReviewMode.SINGLE))
    export(session, tmp_path / "cells.csv")

    other = new_workspace(tmp_path / "other", reader="Second")
    with other.workspace:
        copies = add_cells(other, range(3))
        plan = apply(other, tmp_path / "cells.csv")
        assert labels(other) == {copies[0]: "basophil"}
        assert plan.from_model == 2


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NASTY = st.one_of(
    _TEXT,
    st.tuples(st.sampled_from("=+-@'\t\r\"',;\n"), _TEXT).map("".join),
    st.tuples(
        st.sampled_from(["'=", "''@", "'", "\u2028", "\ufeff", '"', ";,", "\x00"]), _TEXT
    ).map("".join),
)
_HUMAN = st.sampled_from([None, "blast", "unidentified", "artefact", "neutrophil", "platelet"])


@settings(max_examples=25)
@given(
    cells=st.lists(st.tuples(_HUMAN, _NASTY), min_size=1, max_size=4),
    patient=_NASTY.filter(str.strip),
    path=_NASTY,
    reader=_NASTY.filter(str.strip),
)
def test_export_label_export_is_the_identity(
    cells: list[tuple[str | None, str]], patient: str, path: str, reader: str
) -> None:
    """Byte by byte in the same workspace; in a copy, in all that a file of labels carries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = folder / "first.csv", folder / "second.csv"
        paths = [f"{number}/{path}" for number in range(len(cells))]
        session = new_workspace(folder / "workspace", reader=reader)
        with session.workspace:
            ids = add_cells(session, range(len(cells)), patient=patient, paths=paths)
            predict(session, ids, ["lymphocyte"] * len(ids))
            for cell, (label, note) in zip(ids, cells, strict=True):
                if label is not None:
                    session.do(Relabel((cell,), label, ReviewMode.SINGLE))
                session.do(SetNote(cell, note))
            export(session, first)
            apply(session, first)
            export(session, second)
            assert first.read_bytes() == second.read_bytes()
            wanted = _carried(second)

        copy = new_workspace(folder / "copy", reader="Somebody else")
        with copy.workspace:
            ids = add_cells(copy, range(len(cells)), patient=patient, paths=paths)
            predict(copy, ids, ["lymphocyte"] * len(ids))
            apply(copy, first)
            export(copy, folder / "copy.csv")
            assert _carried(folder / "copy.csv") == wanted


def _carried(path: Path) -> list[tuple[str, ...]]:
    names = (
        *("patient_id", "image_path", "image_sha256", "pred_label"),
        *("final_label", "label_source", "status", "comment", "counted_in_differential"),
    )
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row[name] for name in names) for row in csv.DictReader(file, strict=True)]
