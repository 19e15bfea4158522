"""The import: whole patients or nothing of them, whatever happens on the way."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.unit import drawn_crops
from tests.unit.store.sources.hostile_arrays import HOSTILE_HDF5, HOSTILE_NPZ
from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import taxonomy_v1
from wbc_desktop.services.importing import execution
from wbc_desktop.services.importing.commands import (
    DropUnfinishedPatients,
    FinishPatient,
    StageCells,
)
from wbc_desktop.services.importing.execution import execute_plan, import_steps
from wbc_desktop.services.importing.options import ImportOptions, LabelsFrom
from wbc_desktop.services.importing.plan import ImportPlan
from wbc_desktop.services.importing.planning import read_plan
from wbc_desktop.services.importing.progress import ImportProgress
from wbc_desktop.services.importing.scan import scan_paths
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.support.verify import verify
from wbc_desktop.store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace", create=True) as opened:
        yield opened


@pytest.fixture
def session(workspace: Workspace) -> Session:
    return Session(workspace, reader="Ada", taxonomy=taxonomy_v1())


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a patient of four cells have two chunks."""
    monkeypatch.setattr(execution, "CHUNK", 2)


def batch(root: Path, *names: str) -> Path:
    """Write patients with four cells on two slides each; no two pictures are alike."""
    for number, name in enumerate(names):
        for cell in range(4):
            path = f"{name}/s{cell % 2}/{cell}.png"
            drawn_crops.write(root, {path: drawn_crops.png(10 * number + cell)})
    return root


def planned(session: Session, folder: Path, **options: object) -> ImportPlan:
    return read_plan(
        [folder],
        options=ImportOptions(**options),  # type: ignore[arg-type]  # the caller names them right
        workspace=session.workspace,
    )


def patients(workspace: Workspace) -> dict[str, dict[str, int]]:
    return {
        patient.code: {slide.code: slide.n_cells for slide in patient.slides}
        for patient in workspace.catalogue.patients.all()
    }


def test_every_fact_of_a_cell_arrives(tmp_path: Path, session: Session) -> None:
    folder = drawn_crops.write(tmp_path / "P1", {"s1/SNE_1.jpg": drawn_crops.jpeg(1)})
    plan = planned(session, folder, site="North", um_per_px=0.1, labels=LabelsFrom.PREFIX)
    execute_plan(plan, session)
    (cell,) = session.workspace.catalogue.cells.all()
    assert (cell.patient_code, cell.slide_code, cell.site) == ("P1", "s1", "North")
    assert (cell.image_path, cell.um_per_px) == ("s1/SNE_1.jpg", 0.1)
    assert cell.source_label == "neutrophil_segmented"
    assert cell.predicted is None
    assert cell.review is None
    assert session.workspace.crops.encoded(cell.image_sha256) == drawn_crops.jpeg(1)
    assert session.workspace.crops.thumbnail(cell.image_sha256).startswith(b"\xff\xd8")


def test_a_batch_is_imported_recorded_and_verified(tmp_path: Path, session: Session) -> None:
    last = execute_plan(planned(session, batch(tmp_path / "in", "A", "B")), session)
    assert (last.done, last.total, last.failed) == (8, 8, ())
    assert patients(session.workspace) == {"A": {"s0": 2, "s1": 2}, "B": {"s0": 2, "s1": 2}}
    imported = [
        event.payload
        for event in session.workspace.catalogue.events.all()
        if event.type == EventType.PATIENT_IMPORTED
    ]
    assert [(p["patient"], p["cells"], p["source"]) for p in imported] == [
        ("A", 4, "in"),
        ("B", 4, "in"),
    ]
    assert verify(session.workspace, taxonomy_v1()).ok


def test_cells_are_numbered_slide_by_slide_in_natural_order(
    tmp_path: Path, session: Session
) -> None:
    files = {
        f"s{slide}/{cell}.png": drawn_crops.png(20 * slide + cell)
        for slide in (10, 2)
        for cell in (11, 3)
    }
    execute_plan(planned(session, drawn_crops.write(tmp_path / "P1", files)), session)
    catalogue = session.workspace.catalogue
    paths = [catalogue.cells.get(number).image_path for number in range(1, 5)]
    assert paths == ["s2/3.png", "s2/11.png", "s10/3.png", "s10/11.png"]


def test_an_import_cannot_be_undone_and_is_told(tmp_path: Path, session: Session) -> None:
    told: list[Changes] = []
    session.subscribe(told.append)
    execute_plan(planned(session, batch(tmp_path / "in", "A")), session)
    assert [(change.kinds, change.text) for change in told] == [
        (Kind.PATIENTS, "Imported 4 cells of patient A")
    ]
    assert session.undo_text is None


def test_a_patient_is_invisible_until_it_is_whole(tmp_path: Path, session: Session) -> None:
    with closing(
        import_steps(planned(session, batch(tmp_path / "in", "A")), session.workspace)
    ) as steps:
        for step in steps:
            if not isinstance(step, ImportProgress):
                session.record(step)
                visible = patients(session.workspace) != {}
                assert visible is isinstance(step, FinishPatient)


@pytest.mark.parametrize("n_steps", range(11))
def test_cancelling_leaves_whole_patients_only(
    tmp_path: Path, session: Session, n_steps: int
) -> None:
    plan = planned(session, batch(tmp_path / "in", "A", "B"))
    with closing(import_steps(plan, session.workspace)) as steps:
        for step in islice(steps, n_steps):
            if not isinstance(step, ImportProgress):
                session.record(step)
    session.record(DropUnfinishedPatients())
    for slides in patients(session.workspace).values():
        assert slides == {"s0": 2, "s1": 2}
    execute_plan(planned(session, tmp_path / "in"), session)
    assert list(patients(session.workspace)) == ["A", "B"]
    assert verify(session.workspace, taxonomy_v1()).ok


def test_a_failing_progress_cancels_and_cleans_up(tmp_path: Path, session: Session) -> None:
    def fail(progress: ImportProgress) -> None:
        if progress.patient == "B":
            raise KeyboardInterrupt

    plan = planned(session, batch(tmp_path / "in", "A", "B", "C"))
    with pytest.raises(KeyboardInterrupt):
        execute_plan(plan, session, progress=fail)
    assert "C" not in patients(session.workspace)
    with session.workspace.import_lock(), session.workspace.atomic() as transaction:
        assert transaction.drop_staged() == ()


def test_more_cells_of_a_known_patient_are_invisible_until_all_are_there(
    tmp_path: Path, session: Session
) -> None:
    folder = batch(tmp_path / "in", "A") / "A"
    execute_plan(planned(session, folder), session)
    files = {f"s1/new {n}.png": drawn_crops.png(50 + n) for n in range(2)}
    drawn_crops.write(folder, files | {"s9/new.png": drawn_crops.png(60)})
    with closing(import_steps(planned(session, folder), session.workspace)) as steps:
        for step in steps:
            if not isinstance(step, ImportProgress):
                before = patients(session.workspace)
                session.record(step)
                if isinstance(step, StageCells):
                    assert patients(session.workspace) == before == {"A": {"s0": 2, "s1": 2}}
    assert patients(session.workspace) == {"A": {"s0": 2, "s1": 4, "s9": 1}}
    assert verify(session.workspace, taxonomy_v1()).ok


def test_a_file_that_changed_since_the_dry_run_is_left_out_and_named(
    tmp_path: Path, session: Session
) -> None:
    folder = batch(tmp_path / "in", "A")
    plan = planned(session, folder)
    drawn_crops.write(folder, {"A/s0/0.png": drawn_crops.png(99)})
    (folder / "A" / "s1" / "1.png").unlink()
    last = execute_plan(plan, session)
    assert {problem.path: problem.reason for problem in last.failed} == {
        "A/s0/0.png": "it changed since the dry run",
        "A/s1/1.png": "the file is gone",
    }
    assert patients(session.workspace) == {"A": {"s0": 1, "s1": 1}}


def test_a_patient_of_whom_nothing_is_left_does_not_appear(
    tmp_path: Path, session: Session
) -> None:
    folder = batch(tmp_path / "in", "A", "B")
    plan = planned(session, folder)
    shutil.rmtree(folder / "A")
    assert len(execute_plan(plan, session).failed) == 4
    assert list(patients(session.workspace)) == ["B"]


def test_a_stick_that_is_pulled_stops_the_import_and_keeps_whole_patients(
    tmp_path: Path, session: Session
) -> None:
    folder = batch(tmp_path / "stick", "A", "B", "C")

    def pull(progress: ImportProgress) -> None:
        if progress.done == 4 and folder.exists():
            folder.rename(tmp_path / "pulled")

    plan = planned(session, folder)
    with pytest.raises(UserError, match="no longer be reached"):
        execute_plan(plan, session, progress=pull)
    assert patients(session.workspace) == {"A": {"s0": 2, "s1": 2}}


def test_a_stick_that_is_pulled_during_the_dry_run_is_said_so(tmp_path: Path) -> None:
    files = {f"{n}.png": drawn_crops.png(n) for n in range(100)}
    folder = drawn_crops.write(tmp_path / "stick", files)
    with closing(scan_paths([folder])) as steps:
        next(steps)
        folder.rename(tmp_path / "pulled")
        with pytest.raises(UserError, match="no longer"):
            list(steps)


def test_two_imports_at_once_are_refused_and_disturb_nothing(
    tmp_path: Path, session: Session
) -> None:
    plan = planned(session, batch(tmp_path / "in", "A"))
    with closing(import_steps(plan, session.workspace)) as steps:
        for step in steps:
            if isinstance(step, StageCells) and step.first:
                session.record(step)
                with pytest.raises(UserError, match="Another import is running"):
                    execute_plan(plan, session)
            elif not isinstance(step, ImportProgress):
                session.record(step)
    assert patients(session.workspace) == {"A": {"s0": 2, "s1": 2}}


def test_a_crash_leaves_nothing_but_harmless_crops(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w", create=True) as workspace:
        session = Session(workspace, reader="Ada", taxonomy=taxonomy_v1())
        with closing(
            import_steps(planned(session, batch(tmp_path / "in", "A")), workspace)
        ) as steps:
            for step in steps:
                if isinstance(step, StageCells):
                    session.record(step)
                    break
    with Workspace.open(tmp_path / "w") as again:
        assert again.swept == ("A",)
        assert again.catalogue.patients.all() == ()


def test_an_array_file_is_imported_like_a_folder(tmp_path: Path, session: Session) -> None:
    frames = np.stack([drawn_crops.pixels(seed) for seed in range(5)])
    labels = np.arange(5, dtype=np.uint8)[:, None]
    np.savez_compressed(
        tmp_path / "bloodmnist.npz",
        train_images=frames[:3],
        train_labels=labels[:3],
        test_images=frames[3:],
        test_labels=labels[3:],
    )
    execute_plan(planned(session, tmp_path / "bloodmnist.npz"), session)
    assert patients(session.workspace) == {"bloodmnist": {"train": 3, "test": 2}}
    cells = list(session.workspace.catalogue.cells.all())
    assert {cell.image_path: cell.source_label for cell in cells} == {
        "train/000000.png": "basophil",
        "train/000001.png": "eosinophil",
        "train/000002.png": "erythroblast",
        "test/000000.png": "immature_granulocyte",
        "test/000001.png": "lymphocyte",
    }
    first = next(cell for cell in cells if cell.image_path == "train/000000.png")
    assert np.array_equal(session.workspace.crops.decoded(first.image_sha256), frames[0])


def test_progress_counts_up_to_the_whole(tmp_path: Path, session: Session) -> None:
    seen: list[ImportProgress] = []
    execute_plan(planned(session, batch(tmp_path / "in", "A", "B")), session, progress=seen.append)
    counts = [progress.done for progress in seen]
    assert counts == sorted(counts)
    assert (counts[-1], seen[-1].total, seen[-1].eta_s) == (8, 8, 0)


@pytest.mark.parametrize(("kinds", "suffix"), [(HOSTILE_HDF5, "h5"), (HOSTILE_NPZ, "npz")])
def test_array_files_that_were_made_to_do_harm_cost_no_patient_beside_them(
    tmp_path: Path,
    session: Session,
    kinds: dict[str, tuple[Callable[[Path], None], str]],
    suffix: str,
) -> None:
    folder = batch(tmp_path / "batch", "A", "B", "C")
    for kind, (write, _) in kinds.items():
        write(folder / f"{kind}.{suffix}")
    plan = planned(session, folder)
    told = {problem.path: problem.reason for problem in plan.unreadable}
    assert set(told) == {f"{kind}.{suffix}" for kind in kinds}
    for kind, (_, reason) in kinds.items():
        assert reason in told[f"{kind}.{suffix}"]
    execute_plan(plan, session)
    assert set(patients(session.workspace)) == {"A", "B", "C"}
