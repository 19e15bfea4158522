"""Assesses slides: is one, as a whole, unlike every site the model was trained on?

A slide is assessed from all its cells that the model has predicted, once there are enough of them,
and again when there are more. Nothing here writes: the caller records the command. What a
classification that was broken off left without an assessment, the next one finds.
"""

from model.infer import Predictor
from wbc_desktop.domain.slide_shift import SlideShift
from wbc_desktop.services.system_commands import StoreSlideShifts
from wbc_desktop.store.catalogue import Catalogue


def assess_slides(catalogue: Catalogue, predictor: Predictor) -> StoreSlideShifts | None:
    """Assess every slide whose assessment is missing or outdated, on any thread.

    Args:
        catalogue: Of the workspace; only read.
        predictor: The model whose predictions count.

    Returns:
        The command that stores the assessments, or None if there is nothing to store.

    Raises:
        UserError: If what was measured of a slide's cells is damaged.
    """
    shifts = {
        slide_id: _assessed(catalogue, predictor, slide_id)
        for slide_id in catalogue.slides_to_assess(predictor.model_sha256)
    }
    if not shifts:
        return None
    return StoreSlideShifts(
        model_id=predictor.model_id, model_sha256=predictor.model_sha256, shifts=shifts
    )


def _assessed(catalogue: Catalogue, predictor: Predictor, slide_id: int) -> SlideShift | None:
    measures = catalogue.slide_measures(slide_id, predictor.model_sha256)
    if not len(measures.ood_score):
        return None
    found = predictor.assess_slide(measures.appearance, measures.ood_score)
    if found is None:
        return None
    return SlideShift(
        n=found.n,
        score=found.score,
        alarm=found.alarm,
        statistic=found.statistic,
        text=found.text,
        advice=found.advice,
    )
