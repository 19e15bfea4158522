"""Check a workspace against its audit log: the chain, every label, and what was imported.

What a clean report proves, and what it cannot prove, stands in ``docs/audit.md``. To check one
more thing, write a generator that yields one line for each problem and add it to ``_problems``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from wbc_desktop.domain.audit.edits import Field, review_json
from wbc_desktop.domain.audit.events import GENESIS, EventType, digest
from wbc_desktop.domain.audit.replay import (
    CellState,
    LoggedImport,
    LoggedShift,
    replay,
    replay_definitions,
    replay_imports,
    replay_predictions,
    replay_shifts,
)
from wbc_desktop.domain.cells.cell_index import NO_CLASS
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.class_definitions import with_definitions
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.training.model_log import replay_models, replay_promotions
from wbc_desktop.services.models.registry import model_problems
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.catalogue.event_reads import StoredEvent
from wbc_desktop.store.records import PROBABILITY_BYTES
from wbc_desktop.store.workspace import Workspace

MAX_PROBLEMS = 1000  # a file that is damaged all over need not be listed whole


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """The outcome.

    Attributes:
        ok: Nothing is wrong.
        n_events: Events in the log.
        head_hash: Hash of the last event.
        problems: One line each, at most ``MAX_PROBLEMS``.
    """

    ok: bool
    n_events: int
    head_hash: str
    problems: tuple[str, ...]


def verify(workspace: Workspace, taxonomy: Taxonomy, *, pinned: str | None = None) -> VerifyReport:
    """Check a workspace.

    Args:
        workspace: The open workspace.
        taxonomy: Its classes.
        pinned: A head hash printed into an earlier export; it must be in the log.

    Returns:
        The report; each problem names the event, or the cell with patient, slide and image.
    """
    damage = workspace.damage()
    with workspace.snapshot() as catalogue:
        found = _problems(
            catalogue,
            taxonomy,
            pinned=pinned,
            taxonomy_version=workspace.taxonomy_version,
            folder=workspace.folder,
        )
        problems = (*damage, *islice(found, MAX_PROBLEMS))
        n_events, head_hash = catalogue.events.head()
    return VerifyReport(ok=not problems, n_events=n_events, head_hash=head_hash, problems=problems)


def _problems(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    *,
    pinned: str | None,
    taxonomy_version: str,
    folder: Path,
) -> Iterator[str]:
    yield from _broken_links(catalogue.events.stored(), pinned=pinned)
    try:
        states = replay(catalogue.events.all())
        predicted = replay_predictions(catalogue.events.all())
        shifts = replay_shifts(catalogue.events.all())
        imports = tuple(replay_imports(catalogue.events.all()))
        defined = {field: replay_definitions(catalogue.events.all(), field) for field in _DEFINED}
        promoted = replay_promotions(catalogue.events.all())
        models = replay_models(catalogue.events.all())
    except (UserError, ValueError) as error:
        yield f"the labels cannot be compared with the audit log: {error}"
        return
    try:
        taxonomy = with_definitions(taxonomy, defined[Field.CLASSES])
    except ValueError as error:
        yield f"the classes of the workspace are damaged: {error}"
    yield from _wrong_reviews(catalogue, states, taxonomy)
    yield from _wrong_marks(catalogue, states)
    yield from _wrong_references(catalogue, states)
    yield from _wrong_definitions(catalogue, defined)
    yield from _wrong_predictions(catalogue, predicted, n_leaves=len(taxonomy.leaves))
    yield from _wrong_columns(catalogue, predicted, taxonomy)
    yield from _wrong_shifts(catalogue, shifts)
    yield from model_problems(catalogue, folder, promoted=promoted, models=models)
    yield from _wrong_imports(catalogue, imports)
    yield from _wrong_sites(catalogue, imports)
    yield from _wrong_origin(catalogue, taxonomy_version)


def _broken_links(stored: Iterable[StoredEvent], *, pinned: str | None) -> Iterator[str]:
    expected_seq, prev_hash, pin_found = 1, GENESIS, pinned is None
    for event in stored:
        if event.seq != expected_seq:
            yield f"events {expected_seq} to {event.seq - 1} of the audit log are missing"
        elif event.prev_hash != prev_hash:
            yield f"event {event.seq} of the audit log does not follow the event before it"
        if not _hash_fits(event):
            yield f"event {event.seq} of the audit log was changed: its hash does not fit"
        pin_found = pin_found or event.hash == pinned
        expected_seq, prev_hash = event.seq + 1, event.hash
    if not pin_found:
        yield f"the audit log holds no event with the hash {pinned}: it was cut or written anew"


def _hash_fits(event: StoredEvent) -> bool:
    try:
        own = digest(
            seq=event.seq,
            at=event.at,
            reader=event.reader,
            type_=event.type,
            payload=event.payload,
            prev_hash=event.prev_hash,
        )
    except TypeError:  # a number or bytes where there should be text
        return False
    return own == event.hash


def _wrong_reviews(
    catalogue: Catalogue, states: dict[int, CellState], taxonomy: Taxonomy
) -> Iterator[str]:
    left = {cell_id: state.review for cell_id, state in states.items() if state.review}
    for cell_id, columns in catalogue.reviews.stored():
        review = left.pop(cell_id, None)
        if review is None:
            label = columns["label"]
            yield f"{catalogue.cells.describe(cell_id)}: the label {label} is in no event"
            continue
        logged = review_json(review)
        for name, value in columns.items():
            if value != logged[name]:
                yield (
                    f"{catalogue.cells.describe(cell_id)}: {_WORDS[name]} is {value}, "
                    f"the audit log says {logged[name]}"
                )
        if review.label not in taxonomy.by_id:
            yield f"{catalogue.cells.describe(cell_id)}: there is no class {review.label}"
    for cell_id, review in left.items():
        where = catalogue.cells.describe(cell_id)
        yield f"{where}: the label is missing, the audit log says {review.label}"


_WORDS = {
    "label": "the label",
    "status": "the status",
    "reviewer": "the reviewer",
    "reviewed_at": "the time of review",
    "mode": "the mode of review",
    "n_reviews": "the number of reviews",
}


def _wrong_marks(catalogue: Catalogue, states: dict[int, CellState]) -> Iterator[str]:
    logged_flags = {cell_id for cell_id, state in states.items() if state.flagged}
    for cell_id in sorted(logged_flags ^ catalogue.reviews.flagged()):
        side = "missing" if cell_id in logged_flags else "in no event"
        yield f"{catalogue.cells.describe(cell_id)}: the flag is {side}"
    logged_notes = {cell_id: state.note for cell_id, state in states.items() if state.note}
    yield from _wrong_attributes(catalogue, states)
    notes = catalogue.reviews.notes_for()
    for cell_id in sorted(logged_notes.keys() | notes.keys()):
        if notes.get(cell_id) != logged_notes.get(cell_id):
            yield f"{catalogue.cells.describe(cell_id)}: the note differs from the audit log"


def _wrong_attributes(catalogue: Catalogue, states: dict[int, CellState]) -> Iterator[str]:
    logged = {cell_id: state.attributes for cell_id, state in states.items() if state.attributes}
    stored = catalogue.reviews.attributes_for()
    for cell_id in sorted(logged.keys() | stored.keys()):
        if stored.get(cell_id) != logged.get(cell_id):
            yield f"{catalogue.cells.describe(cell_id)}: the attributes differ from the audit log"


def _wrong_definitions(catalogue: Catalogue, logged: dict[Field, dict[int, str]]) -> Iterator[str]:
    for field, definitions in logged.items():
        stored = catalogue.meta.definitions(field)
        for key in sorted(definitions.keys() | stored.keys()):
            if stored.get(key) != definitions.get(key):
                yield f"{_DEFINED[field]} {key} differs from the audit log"


_DEFINED = {
    Field.VOCABULARY: "the definition of attribute",
    Field.CLASSES: "the definition of class",
}


def _wrong_references(catalogue: Catalogue, states: dict[int, CellState]) -> Iterator[str]:
    logged = {cell_id: state.reference for cell_id, state in states.items() if state.reference}
    stored = catalogue.references.references_for()
    for cell_id in sorted(logged.keys() | stored.keys()):
        if stored.get(cell_id) != logged.get(cell_id):
            where = catalogue.cells.describe(cell_id)
            yield f"{where}: its place among the reference cells differs from the audit log"


def _wrong_predictions(
    catalogue: Catalogue, logged: dict[int, str], *, n_leaves: int
) -> Iterator[str]:
    left = dict(logged)
    for cell_id, label, n_bytes in catalogue.predictions.stored():
        if n_bytes != n_leaves * PROBABILITY_BYTES:
            yield f"{catalogue.cells.describe(cell_id)}: the model's probabilities are damaged"
        said = left.pop(cell_id, None)
        if said != label:
            yield (
                f"{catalogue.cells.describe(cell_id)}: the model's label is {label}, "
                f"the audit log says {said or 'it was never classified'}"
            )
    for cell_id, said in left.items():
        where = catalogue.cells.describe(cell_id)
        yield f"{where}: the model's label is missing, the audit log says {said}"


def _wrong_columns(
    catalogue: Catalogue, logged: dict[int, str], taxonomy: Taxonomy
) -> Iterator[str]:
    """Compare what the gallery reads, which is stored once more, with the audit log."""
    try:
        index = catalogue.index.load_predictions(taxonomy)
    except UserError as error:
        yield f"the gallery cannot be shown: {error}"
        return
    known = taxonomy.counting_ordinals
    said = [known.get(logged.get(cell_id, ""), NO_CLASS) for cell_id in index.cell_id.tolist()]
    for cell_id in index.cell_id[index.predicted != np.array(said, np.int16)].tolist():
        where = catalogue.cells.describe(cell_id)
        yield f"{where}: the gallery shows another class than the model gave"


def _wrong_shifts(catalogue: Catalogue, logged: dict[int, LoggedShift]) -> Iterator[str]:
    left = dict(logged)
    for slide_id, model_sha256, at, shift in catalogue.slides.stored_shifts():
        said, slide = left.pop(slide_id, None), catalogue.slides.describe(slide_id)
        if said is None:
            yield f"{slide}: its assessment is in no event"
        elif said != LoggedShift(model_sha256=model_sha256, at=at, shift=shift):
            yield f"{slide}: its assessment differs from the audit log"
    for slide_id in left:
        yield f"{catalogue.slides.describe(slide_id)}: its assessment is missing"


def _wrong_imports(catalogue: Catalogue, imports: Iterable[LoggedImport]) -> Iterator[str]:
    ranges = []
    for logged in imports:
        ranges.append((logged.first, logged.last))
        if catalogue.imports.digest(logged.first, logged.last) != logged.digest:
            yield (
                f"patient {logged.patient}: the cells imported at {logged.at[:19]}Z "
                "are not what was imported"
            )
    for cell_id in catalogue.imports.cells_outside(ranges):
        yield f"{catalogue.cells.describe(cell_id)}: the cell was not imported by this program"


def _wrong_sites(catalogue: Catalogue, imports: Iterable[LoggedImport]) -> Iterator[str]:
    logged: dict[str, str] = {}
    for one in imports:
        logged[one.patient] = one.site or logged.get(one.patient, "")
    stored = catalogue.patients.sites()
    for patient, site in logged.items():
        # A patient who is missing is named by the digest of the import.
        if stored.get(patient, site) != site:
            yield (
                f"patient {patient}: the site is {stored[patient] or 'not named'}, "
                f"the audit log says {site or 'none was named'}"
            )


def _wrong_origin(catalogue: Catalogue, taxonomy_version: str) -> Iterator[str]:
    created = next(catalogue.events.all(), None)
    if created is None or created.type is not EventType.WORKSPACE_CREATED:
        yield "the audit log does not begin with the making of the workspace"
        return
    present = {"code": catalogue.code, "taxonomy": taxonomy_version}
    for name, value in present.items():
        if created.payload.get(name) != value:
            said = created.payload.get(name)
            yield f"the workspace's {name} is {value}, the audit log says {said}"
