"""Classifies the cells of a workspace by its active model, and says which predictions changed.

Cells that a person has labelled are left alone, with the prediction that person saw. What was
broken off goes on with the next classification, and rolling back is the same with the model before.
``classify_workspace`` does all of it on one thread; a window runs ``reclassify`` in a worker and
records the batches, and last the assessment of the slides, on its own thread.
"""

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from model.inference.predictor import Predictor
from wbc_desktop.domain.cells.prediction import PredictionBatch, decide
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.embeddings.embedding_fill import store_embeddings
from wbc_desktop.services.inference.classify import ClassifyStep, classify
from wbc_desktop.services.inference.slide_assessment import assess_slides
from wbc_desktop.services.session.session import Session
from wbc_desktop.services.session.system_commands import StorePredictions
from wbc_desktop.store.workspace import Workspace

_TOLD = 3  # changes named in the one sentence


@dataclass(frozen=True, kw_only=True)
class LabelChange:
    """Cells whose predicted class became another one.

    Attributes:
        before: Class id of the earlier model.
        after: Class id of the model that is active now.
        n: How many cells.
    """

    before: str
    after: str
    n: int


@dataclass(frozen=True, kw_only=True)
class ReclassificationReport:
    """What a re-classification has changed.

    Attributes:
        model_id: The model that is active now.
        cells: Cells classified again; those that never were before do not count.
        fresh: Cells classified for the first time.
        skipped: Cells whose crop could not be read; they keep what they had.
        changes: From which class to which, the most frequent first.
    """

    model_id: str
    cells: int
    fresh: int
    skipped: int
    changes: tuple[LabelChange, ...]

    @property
    def changed(self) -> int:
        """How many predictions are of another class than before."""
        return sum(change.n for change in self.changes)

    def text(self, taxonomy: Taxonomy) -> str:
        """Return it in a sentence or two."""
        text = (
            f"{self.model_id} classified {counted(self.cells, 'unreviewed cell')} again: "
            f"{counted(self.changed, 'prediction')} changed"
        )
        told = [
            f"{c.n:,} {taxonomy.by_id[c.before].code} → {taxonomy.by_id[c.after].code}"
            for c in self.changes[:_TOLD]
        ]
        text += (
            f" ({', '.join(told)}{', …' if len(self.changes) > _TOLD else ''})." if told else "."
        )
        if self.skipped:
            text += f" {counted(self.skipped, 'crop')} could not be read."
        return text


def classify_workspace(
    session: Session,
    predictor: Predictor,
    *,
    again: bool = False,
    patients: Sequence[int] | None = None,
) -> Generator[ClassifyStep | ReclassificationReport]:
    """Classify as ``reclassify`` does, record each batch, and assess the slides at the end.

    Yields:
        One step per batch once it is recorded; last the report.

    Raises:
        UserError: If another model came into use meanwhile, or the disk refuses.
    """
    workspace = session.workspace
    steps = reclassify(workspace, predictor, session.taxonomy, again=again, patients=patients)
    with closing(steps):
        for step in steps:
            if isinstance(step, ClassifyStep):
                if step.batch.cell_ids:
                    session.record(StorePredictions(step.batch))
            elif (assessed := assess_slides(workspace.catalogue, predictor)) is not None:
                session.record(assessed)
            yield step


def reclassify(
    workspace: Workspace,
    predictor: Predictor,
    taxonomy: Taxonomy,
    *,
    again: bool = False,
    patients: Sequence[int] | None = None,
) -> Generator[ClassifyStep | ReclassificationReport]:
    """Classify every unreviewed cell that another model has classified, and cells never classified.

    May run in a worker; nothing is written but embeddings. Closing the generator cancels.

    Args:
        workspace: Where the cells live; only read.
        predictor: The active model.
        taxonomy: The classes.
        again: Every cell, also those that the model or a person has seen.
        patients: Only cells of these patients (row ids); None for all.

    Yields:
        One step per batch, to be recorded; last the report.
    """
    catalogue = workspace.catalogue
    cells = catalogue.predictions.to_classify("" if again else predictor.model_sha256, patients)
    before = catalogue.predictions.labels_for(cells)
    counts: Counter[tuple[str, str]] = Counter()
    done = fresh = skipped = 0
    with closing(
        store_embeddings(classify(workspace, predictor, cells), workspace, predictor)
    ) as steps:
        for step in steps:
            known = [cell for cell in step.batch.cell_ids if cell in before]
            done, fresh = done + len(known), fresh + len(step.batch.cell_ids) - len(known)
            skipped += len(step.skipped)
            counts.update(_pairs(step.batch, before, taxonomy))
            yield step
    changes = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    yield ReclassificationReport(
        model_id=predictor.model_id,
        cells=done,
        fresh=fresh,
        skipped=skipped,
        changes=tuple(LabelChange(before=a, after=b, n=n) for (a, b), n in changes if a != b),
    )


def _pairs(
    batch: PredictionBatch, before: Mapping[int, str], taxonomy: Taxonomy
) -> list[tuple[str, str]]:
    """Return the class of each cell before and after, as cells count in this workspace."""
    ordinals, _ = decide(batch.probs, taxonomy)
    counted_as = taxonomy.counted_as
    return [
        (counted_as.get(before[cell], before[cell]), counted_as[taxonomy.classes[ordinal].id])
        for cell, ordinal in zip(batch.cell_ids, ordinals.tolist(), strict=True)
        if cell in before
    ]
