"""The dry run: what it counts, why it leaves out the rest, and that it changes nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit import drawn_crops
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.importing.execution import execute_plan
from wbc_desktop.services.importing.options import FolderLayout, ImportOptions, LabelsFrom
from wbc_desktop.services.importing.plan import ImportPlan
from wbc_desktop.services.importing.planning import make_plan, plan_steps, read_plan
from wbc_desktop.services.importing.progress import ImportProgress, Stage
from wbc_desktop.services.session.session import Session
from wbc_desktop.store.workspace import Workspace

OPTIONS = ImportOptions()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace", create=True) as opened:
        yield opened


@pytest.fixture
def session(workspace: Workspace) -> Session:
    return Session(workspace, reader="Ada", taxonomy=taxonomy_v1())


def patient(root: Path, *seeds: int, name: str = "P1") -> Path:
    """Write a patient with one crop for each seed, on slide ``s1``."""
    files = {f"s1/cell {seed}.png": drawn_crops.png(seed) for seed in seeds}
    return drawn_crops.write(root / name, files)


def cells(plan: ImportPlan) -> list[tuple[str, str, str, str | None]]:
    return [
        (patient.code, slide.code, cell.found.crop.path, cell.label)
        for patient in plan.patients
        for slide in patient.slides
        for cell in slide.cells
    ]


def test_it_lists_what_would_come_in_natural_order(tmp_path: Path) -> None:
    plan = read_plan([patient(tmp_path, 10, 9, 2)], options=OPTIONS)
    assert [path for _, _, path, _ in cells(plan)] == [
        "s1/cell 2.png",
        "s1/cell 9.png",
        "s1/cell 10.png",
    ]
    assert (plan.n_new, plan.n_slides, len(plan.patients), plan.n_skipped) == (3, 1, 1, 0)


def test_it_writes_nothing(tmp_path: Path, workspace: Workspace) -> None:
    folder = patient(tmp_path, 1, 2)
    before = sorted(folder.rglob("*"))
    events = workspace.catalogue.events.head()
    plan = read_plan([folder], options=OPTIONS, workspace=workspace)
    assert plan.n_new == 2
    assert workspace.catalogue.events.head() == events
    assert not workspace.crops.has(plan.patients[0].slides[0].cells[0].found.sha256)
    assert sorted(folder.rglob("*")) == before


def test_files_that_cannot_be_read_stop_nothing(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1)
    drawn_crops.write(
        folder,
        {
            "s1/empty.png": b"",
            "s1/cut.jpg": drawn_crops.jpeg()[:300],
            "s1/text.tif": b"not an image at all",
            "notes.txt": b"",
        },
    )
    plan = read_plan([folder], options=OPTIONS)
    assert plan.n_new == 1
    assert {problem.path: problem.reason for problem in plan.unreadable} == {
        "s1/cut.jpg": "the file is cut short",
        "s1/empty.png": "the file is empty",
        "s1/text.tif": "not a JPEG, PNG, BMP, TIFF or WebP image",
    }
    assert plan.n_not_images == 1


def test_the_same_picture_twice_in_a_patient_is_taken_once(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1)
    drawn_crops.write(folder, {"s2/copy.png": drawn_crops.png(1)})
    plan = read_plan([folder], options=OPTIONS)
    assert plan.n_new == 1
    (duplicate,) = plan.duplicates
    assert (duplicate.path, duplicate.kept) == ("s2/copy.png", False)
    assert duplicate.reason == "the same picture as s1/cell 1.png"


def test_the_same_picture_in_two_patients_is_kept_with_a_warning(tmp_path: Path) -> None:
    plan = read_plan([patient(tmp_path, 1), patient(tmp_path, 1, name="P2")], options=OPTIONS)
    assert plan.n_new == 2
    (duplicate,) = plan.duplicates
    assert (duplicate.path, duplicate.patient) == ("P2/s1/cell 1.png", "P2")
    assert duplicate.kept
    assert duplicate.reason == "the same picture is also of P1"


def test_importing_again_would_add_nothing(tmp_path: Path, session: Session) -> None:
    folder = patient(tmp_path, 1, 2)
    execute_plan(read_plan([folder], options=OPTIONS, workspace=session.workspace), session)
    again = read_plan([folder], options=OPTIONS, workspace=session.workspace)
    assert again.n_new == 0
    assert again.patients == ()
    assert {d.reason for d in again.duplicates} == {"imported before"}


def test_a_changed_file_and_a_new_slide_are_added_to_a_known_patient(
    tmp_path: Path, session: Session
) -> None:
    folder = patient(tmp_path, 1, 2)
    execute_plan(read_plan([folder], options=OPTIONS, workspace=session.workspace), session)
    drawn_crops.write(folder, {"s1/cell 1.png": drawn_crops.png(7), "s2/x.png": drawn_crops.png(8)})
    plan = read_plan([folder], options=OPTIONS, workspace=session.workspace)
    assert [(slide, path) for _, slide, path, _ in cells(plan)] == [
        ("s1", "s1/cell 1.png"),
        ("s2", "s2/x.png"),
    ]
    assert plan.patients[0].known


def test_a_picture_known_from_another_patient_is_kept_with_a_warning(
    tmp_path: Path, session: Session
) -> None:
    execute_plan(
        read_plan([patient(tmp_path, 1)], options=OPTIONS, workspace=session.workspace), session
    )
    plan = read_plan(
        [patient(tmp_path, 1, name="P2")], options=OPTIONS, workspace=session.workspace
    )
    assert plan.n_new == 1
    assert plan.duplicates[0].reason == "the same picture is also of P1"


def test_a_patient_of_another_site_is_refused_before_anything_happens(
    tmp_path: Path, session: Session
) -> None:
    folder = patient(tmp_path, 1)
    workspace = session.workspace
    north = ImportOptions(site="North")
    execute_plan(read_plan([folder], options=north, workspace=workspace), session)
    with pytest.raises(UserError, match="from another site: North, not South"):
        read_plan([folder], options=ImportOptions(site="South"), workspace=workspace)


def test_labels_are_class_ids_where_they_are_understood(tmp_path: Path) -> None:
    files = {
        "s1/SNE_1.png": drawn_crops.png(1),
        "s1/EO_2.png": drawn_crops.png(2),
        "s1/cell 3.png": drawn_crops.png(3),
    }
    folder = drawn_crops.write(tmp_path / "P1", files)
    plan = read_plan([folder], options=ImportOptions(labels=LabelsFrom.PREFIX))
    assert [label for *_, label in cells(plan)] == [None, "eosinophil", "neutrophil_segmented"]
    assert plan.labels == {"neutrophil_segmented": 1, "eosinophil": 1}


def test_labels_come_from_a_csv_beside_the_images(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1, 2, 3)
    table = "file;label\ns1/cell 1.png;SNE\ncell 2.png;hairy cell\n"
    (folder / "labels.csv").write_text(table)
    plan = read_plan([folder], options=ImportOptions(labels=LabelsFrom.CSV))
    assert [label for *_, label in cells(plan)] == ["neutrophil_segmented", "hairy cell", None]


def test_a_csv_within_a_slide_speaks_of_that_slide(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1)
    (folder / "s1" / "labels.csv").write_text("image_path,label\ncell 1.png,BA\n")
    plan = read_plan([folder], options=ImportOptions(labels=LabelsFrom.CSV))
    assert [label for *_, label in cells(plan)] == ["basophil"]


def test_a_name_labelled_in_two_ways_gets_no_label(tmp_path: Path) -> None:
    files = {"s1/c.png": drawn_crops.png(1), "s2/c.png": drawn_crops.png(2)}
    folder = drawn_crops.write(tmp_path / "P1", files)
    (folder / "labels.csv").write_text("image_path,label\nx/c.png,BA\ny/c.png,EO\n")
    plan = read_plan([folder], options=ImportOptions(labels=LabelsFrom.CSV))
    assert [label for *_, label in cells(plan)] == [None, None]


def test_labels_from_a_csv_need_one(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1)
    (folder / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no CSV with labels"):
        read_plan([folder], options=ImportOptions(labels=LabelsFrom.CSV))


def test_a_manifest_decides_scale_by_line_and_the_option_fills_in(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1, 2)
    table = "image_path,patient_id,um_per_px\ns1/cell 1.png,P7,0.08\ns1/cell 2.png,P7,\n"
    (folder / "list.csv").write_text(table)
    plan = read_plan([folder / "list.csv"], options=ImportOptions(um_per_px=0.1))
    assert [patient.code for patient in plan.patients] == ["P7"]
    assert [c.um_per_px for s in plan.patients[0].slides for c in s.cells] == [0.08, 0.1]


def test_switching_the_reading_reads_no_file_again(tmp_path: Path) -> None:
    files = {"BAS/a.png": drawn_crops.png(1), "EOS/b.png": drawn_crops.png(2)}
    folder = drawn_crops.write(tmp_path / "P1", files)
    plan = read_plan([folder], options=OPTIONS)
    assert plan.layout is FolderLayout.CLASSES
    assert plan.other_layouts == (FolderLayout.SLIDES, FolderLayout.PATIENTS)
    shutil.rmtree(folder)
    switched = make_plan(plan.scan, options=ImportOptions(layout=FolderLayout.PATIENTS))
    assert [patient.code for patient in switched.patients] == ["BAS", "EOS"]
    assert "a batch of 2 patients" in switched.layout_text


def test_the_same_path_twice_is_read_once(tmp_path: Path) -> None:
    folder = patient(tmp_path, 1)
    plan = read_plan([folder, folder / ".." / "P1"], options=OPTIONS)
    assert (plan.n_new, plan.duplicates) == (1, ())


def test_an_empty_folder_gives_an_empty_plan(tmp_path: Path) -> None:
    (tmp_path / "P1").mkdir()
    plan = read_plan([tmp_path / "P1"], options=OPTIONS)
    assert (plan.n_new, plan.patients, plan.other_layouts) == (0, (), ())


def test_nothing_named_is_an_error() -> None:
    with pytest.raises(UserError, match="Nothing was named"):
        read_plan([], options=OPTIONS)


@pytest.mark.parametrize("scale", [0.0, -0.1, 40.0, float("nan"), float("inf")])
def test_an_impossible_scale_is_refused(scale: float) -> None:
    with pytest.raises(UserError, match="must lie between"):
        ImportOptions(um_per_px=scale)


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    steps = list(plan_steps([patient(tmp_path, *range(5))], options=OPTIONS))
    assert isinstance(steps[-1], ImportPlan)
    last = steps[-2]
    assert isinstance(last, ImportProgress)
    assert (last.stage, last.done, last.total, last.eta_s) == (Stage.CHECKING, 5, 5, 0)
    assert last.rate > 0


def test_a_dry_run_can_be_broken_off(tmp_path: Path) -> None:
    def stop(_: ImportProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_plan([patient(tmp_path, 1, 2)], options=OPTIONS, progress=stop)
