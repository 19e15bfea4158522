"""Faces, counts and words of the gallery's cells."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.unit.gui.gallery.drawn_gallery import (
    EOS,
    LYM,
    SEG,
    TAXONOMY,
    DrawnGallery,
    arranged,
    cells,
)
from wbc_desktop.domain.cells.cell_index import NO_CLASS, STATUS_ORDER, CellIndex
from wbc_desktop.domain.filter.arrangement import Arrangement, Filter, SortKey, arrange
from wbc_desktop.domain.filter.grouping import GroupBy, Grouping, PatientSlideNames, grouped
from wbc_desktop.domain.review.review import Status
from wbc_desktop.gui.gallery.model import GalleryModel, TileCaption, percent
from wbc_desktop.gui.gallery.painting.header_painter import interval_words, share_words
from wbc_desktop.gui.gallery.painting.tile_painter import wordings
from wbc_desktop.gui.gallery.scene import HitKind


def model(index: CellIndex, filter_: Filter | None = None) -> GalleryModel:
    return GalleryModel(index, arranged(index, filter_), TAXONOMY)


def status(value: Status) -> int:
    return STATUS_ORDER.index(value)


def test_positions_and_cells_lead_to_one_another() -> None:
    made = model(cells(LYM, SEG, LYM, SEG))
    assert made.cell_ids().tolist() == [2, 4, 1, 3]
    assert [made.position_of(c) for c in (1, 2, 3, 4)] == [2, 0, 3, 1]


def test_cells_outside_the_filter_or_the_workspace_have_no_position() -> None:
    made = model(cells(LYM, SEG, LYM), Filter(classes=frozenset({LYM})))
    assert made.positions_of([2, 3, 99, 1]).tolist() == [1, 0]
    assert made.position_of(2) == -1
    assert made.shown(np.array([1, 2, 3, 99, -1])).tolist() == [True, False, True, False, False]


def test_shares_are_of_the_counted_cells_that_are_shown() -> None:
    erythroblast = TAXONOMY.ordinals["erythroblast"]
    made = model(cells(SEG, SEG, SEG, LYM, erythroblast, NO_CLASS))
    assert [c.n for c in made.section_counts()] == [3, 1, 1, 1]
    assert [c.share for c in made.section_counts()] == [75.0, 25.0, 25.0, None]


def test_reviewed_cells_are_counted_anew_after_a_change() -> None:
    index = cells(SEG, SEG, LYM)
    made = model(index)
    assert [c.reviewed for c in made.section_counts()] == [0, 0]
    index.set_rows([2], human=SEG, status=status(Status.ACCEPTED))
    made.recount()
    assert [c.reviewed for c in made.section_counts()] == [1, 0]


@pytest.mark.parametrize(
    ("prob", "shown"), [(0.93, 93), (0.994, 99), (0.996, 100), (0.001, 0), (np.nan, -1)]
)
def test_a_confidence_is_kept_as_whole_percent(prob: float, shown: int) -> None:
    assert percent(np.array([prob], np.float32)).tolist() == [shown]


def test_every_share_has_its_exact_interval() -> None:
    made = model(cells(*[SEG] * 56, *[EOS] * 44))
    shares = [(share_words(c, counted=True), interval_words(c)) for c in made.section_counts()]
    assert shares == [("56.0 %", "(45.7–65.9)"), ("44.0 %", "(34.1–54.3)")]


def test_cells_without_a_class_have_no_interval() -> None:
    made = model(cells(NO_CLASS))
    assert [interval_words(count) for count in made.section_counts()] == [""]


def test_a_cell_is_told_in_words() -> None:
    index = cells(SEG, SEG, NO_CLASS)
    index.set_rows([1], prob=0.93)
    index.set_rows([2], prob=0.5, human=EOS, status=status(Status.CORRECTED), flagged=True)
    made = model(index)
    words = {c: made.description(made.position_of(c)) for c in (1, 2, 3)}
    assert words == {
        1: "Segmented neutrophil, 93 %, model, unreviewed",
        2: "Eosinophil, human, corrected, model said Segmented neutrophil 50 %, flagged",
        3: "Not classified yet, unreviewed",
    }


def test_what_could_be_and_how_unusual_a_cell_is_is_told_below() -> None:
    index = cells(SEG, LYM, SEG)
    bits = {leaf: 1 << i for i, leaf in enumerate(TAXONOMY.leaves)}
    index.set_rows([1], prob=0.6, pred_set=bits["neutrophil_segmented"] | bits["neutrophil_band"])
    index.set_rows([1], ood=0.995)
    index.set_rows([2], prob=0.9, pred_set=bits["lymphocyte"], ood=0.99)
    index.set_rows([3], prob=0.9)
    made = model(index)
    words = {c: made.description(made.position_of(c)).split("\n")[1:] for c in (1, 2, 3)}
    assert words == {
        1: ["Could be: segmented neutrophil or band neutrophil", "Unlike the training cells"],
        2: ["Could be: lymphocyte only"],
        3: [],
    }


def test_a_class_known_from_rendered_cells_only_has_lower_trust_until_a_person_says_so() -> None:
    index = cells(SEG, SEG, LYM)
    index.set_rows([2], human=SEG, status=status(Status.ACCEPTED))
    made = GalleryModel(index, arranged(index), TAXONOMY, rendered_only=frozenset({SEG}))
    assert [caption.low_trust for caption in made.captions(0, 3)] == [True, False, False]
    assert made.description(0).endswith("Learned from rendered cells only")
    (words, _) = wordings(made.captions(0, 1)[0], Status.UNREVIEWED, code="SEG")
    assert words == "(99 %)"


def test_the_confidence_of_a_corrected_cell_stands_beside_the_models_code() -> None:
    caption = TileCaption(EOS, SEG, 50, status(Status.CORRECTED), flagged=False, scale_flag=False)
    assert wordings(caption, Status.CORRECTED, code="SEG") == ("was SEG 50 %", "was SEG", "")
    assert wordings(caption, Status.ACCEPTED, code="SEG") == ("50 %",)
    assert wordings(caption, Status.EXCLUDED, code="SEG")[0] == "excluded"
    unknown = caption._replace(percent=-1)
    assert wordings(unknown, Status.UNREVIEWED, code="–") == ("",)


def test_classes_without_a_cell_are_those_of_the_strip() -> None:
    empty = model(cells(SEG, LYM)).empty_classes()
    assert set(empty) == set(range(len(TAXONOMY.classes))) - {SEG, LYM}


def test_an_empty_model_answers() -> None:
    made = model(CellIndex.empty())
    assert len(made) == 0
    assert made.section_counts() == ()
    assert made.position_of(1) == -1


def by_patient(index: CellIndex) -> tuple[Grouping, Arrangement]:
    grouping = grouped(
        index,
        GroupBy.PATIENT,
        taxonomy=TAXONOMY,
        names=PatientSlideNames(patients={1: "P-1", 2: "P-2"}, slides={}),
    )
    made = arrange(
        index, groups=grouping.codes, filter=Filter(), sort=SortKey.IMPORT_ORDER, n_groups=2
    )
    return grouping, made


def test_groups_that_are_no_classes_have_no_share_and_every_class_takes_a_drop() -> None:
    index = cells(SEG, LYM, SEG)
    index.set_rows([1, 2, 3], patient=[2, 1, 2], status=[0, 1, 1])
    grouping, arrangement = by_patient(index)
    made = GalleryModel(index, arrangement, TAXONOMY, grouping=grouping)
    assert [(c.n, c.reviewed, c.share) for c in made.section_counts()] == [
        (1, 1, None),
        (2, 1, None),
    ]
    assert made.empty_classes() == tuple(range(len(TAXONOMY.classes)))


def test_headers_of_other_groups_name_them_and_take_no_label(qtbot: QtBot) -> None:
    index = cells(SEG, LYM, SEG, *[EOS] * 40)
    index.set_rows(np.arange(1, 44), patient=1 + np.arange(43) % 2)
    gallery = DrawnGallery(qtbot, index)
    gallery.verticalScrollBar().setValue(200)
    gallery.set_collapsed(frozenset({1}))
    grouping, arrangement = by_patient(index)
    gallery.set_cells(index, arrangement, grouping=grouping)
    assert gallery.offset == 0
    assert not gallery.scene.collapsed
    hit = gallery.scene.hit(gallery.header(0), scroll=0)
    assert (hit.kind, hit.ordinal, hit.label) == (HitKind.HEADER, 0, NO_CLASS)
    assert gallery.scene.description(hit).startswith("P-1: 22 shown, 0 reviewed.")
    assert not gallery.grab().isNull()
    gallery.verticalScrollBar().setValue(150)
    gallery.set_cells(index, arrangement, grouping=grouping)
    assert gallery.offset == 150
    gallery.set_cells(index, arranged(index))
    assert gallery.offset == 0
    hit = gallery.scene.hit(gallery.header(SEG), scroll=0)
    assert hit.label == SEG
