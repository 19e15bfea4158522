"""Assesses slides: is one, as a whole, unlike every site the model was trained on?

A slide is assessed from all its cells that the model has predicted, once there are enough of them,
and again when there are more. Nothing here writes: the caller records the command. What a
classification that was broken off left without an assessment, the next one finds.
"""

from model.inference.predictor import Predictor
from wbc_desktop.domain.cells.slide_shift import SlideShift
from wbc_desktop.services.models.registry import logged_models
from wbc_desktop.services.session.system_commands import StoreSlideShifts
from wbc_desktop.store.catalogue.catalogue import Catalogue


def assess_slides(catalogue: Catalogue, predictor: Predictor) -> StoreSlideShifts | None:
    """Assess every slide whose assessment is missing or superseded, on any thread.

    Args:
        catalogue: Of the workspace; only read.
        predictor: The model whose predictions count.

    Returns:
        The command that stores the assessments, or None if there is nothing to store.

    Raises:
        UserError: If what was measured of a slide's cells is damaged.
    """
    alike = models_with_same_backbone(catalogue, predictor)
    shifts = {
        slide_id: _assessed(catalogue, predictor, slide_id, alike=alike)
        for slide_id in catalogue.slides.to_assess(*alike)
    }
    if not shifts:
        return None
    return StoreSlideShifts(
        model_id=predictor.model_id, model_sha256=predictor.model_sha256, shifts=shifts
    )


def models_with_same_backbone(catalogue: Catalogue, predictor: Predictor) -> tuple[str, ...]:
    """Return the digests of all models that measure cells as one does: those of its backbone.

    A model whose head alone was adapted sees cells as the shipped one does, so that cells which a
    person labelled before the promotion still count in their slide.
    """
    alike = [
        logged.ref.sha256
        for logged in logged_models(catalogue).values()
        if logged.event.payload.get("embedding_sha256") == predictor.embedding_sha256
    ]
    return tuple(dict.fromkeys([predictor.model_sha256, predictor.embedding_sha256, *alike]))


def _assessed(
    catalogue: Catalogue, predictor: Predictor, slide_id: int, *, alike: tuple[str, ...]
) -> SlideShift | None:
    measures = catalogue.slides.measures(slide_id, *alike)
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
