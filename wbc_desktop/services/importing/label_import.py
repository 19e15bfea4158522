"""Labels from a CSV file: checked line by line, then applied all together or not at all.

``plan_labels`` finds the cell and the class that each line means and changes nothing;
``ApplyLabels`` writes the plan in one transaction. Its events are those of a person who labels and
comments, so that undo takes them back like any other act of the reader.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.audit.edits import Edit, Field, Value
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import ReviewMode
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.wording import counted
from wbc_desktop.services.importing.labels_csv import LabelLine, read_labels
from wbc_desktop.services.session.commands import Context, Relabel
from wbc_desktop.services.session.edit_writes import KIND_OF, write
from wbc_desktop.store.catalogue.catalogue import Catalogue
from wbc_desktop.store.names import row_id

_PROBLEMS_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class LabelPlan:
    """What a file of labels would change.

    Attributes:
        labels: Class id by cell, for cells whose human label does not count as this class yet.
        notes: Comment by cell, for cells whose comment differs.
        unchanged: Cells named that already are as the file says.
        from_model: Lines left alone because their label is a model's.
    """

    labels: Mapping[int, str]
    notes: Mapping[int, str]
    unchanged: int
    from_model: int


def plan_labels(path: Path, catalogue: Catalogue, taxonomy: Taxonomy) -> LabelPlan:
    """Read a file of labels and find out what it would change.

    Args:
        path: The CSV file, see ``labels_csv``.
        catalogue: Of the workspace the cells are in.
        taxonomy: Classes; a label may be an id, a name, a code or an alias.

    Raises:
        UserError: If the file cannot be read, or any line names no cell, several cells or no
            class; the lines are named.
    """
    lines = read_labels(path)
    wanted = _Wanted(taxonomy=taxonomy)
    for line, found in zip(lines, _found_cells(lines, catalogue), strict=True):
        if isinstance(found, str):
            wanted.problems.append(f"line {line.line}: {found}")
        else:
            wanted.take(line, found)
    if wanted.problems:
        more = len(wanted.problems) - _PROBLEMS_TOLD
        told = "; ".join(wanted.problems[:_PROBLEMS_TOLD]) + (f"; {more} more" if more > 0 else "")
        raise UserError(
            "No label was applied", f"{path}, {told}", "Correct the file and try again."
        )
    return _changes(wanted, catalogue, from_model=sum(line.from_model for line in lines))


@dataclass(frozen=True)
class ApplyLabels:
    """Write a plan; it is undone as one step for the labels and one for the comments.

    Attributes:
        plan: What to change.
    """

    plan: LabelPlan

    def apply(self, context: Context) -> Changes:
        """Write labels and comments, and append an event for each kind that changes."""
        kinds, cells, seq = Kind.NONE, set[int](), 0
        for type_, edit in (
            (EventType.RELABEL, self._labels(context)),
            (EventType.NOTE, self._notes(context)),
        ):
            if edit.after:
                text = f"Apply {len(edit.after):,} {edit.field.value}s from a file"
                payload = {**edit.payload(), "text": text}
                event = context.tx.append_event(
                    context.reader, type_, payload, cell_ids=edit.cell_ids
                )
                write(context.tx, edit)
                kinds |= KIND_OF[edit.field]
                cells.update(edit.cell_ids)
                seq = event.seq
        return Changes(kinds, tuple(sorted(cells)), seq, f"Labelled {counted(len(cells), 'cell')}")

    def _labels(self, context: Context) -> Edit:
        by_label: dict[str, list[int]] = defaultdict(list)
        for cell, label in self.plan.labels.items():
            by_label[label].append(cell)
        before: dict[int, Value] = {}
        after: dict[int, Value] = {}
        for label, cells in by_label.items():
            part = Relabel(tuple(cells), label, ReviewMode.BULK).edit(context)
            before |= part.before
            after |= part.after
        return Edit(Field.REVIEW, before, after)

    def _notes(self, context: Context) -> Edit:
        notes = context.tx.catalogue.reviews.notes_for(self.plan.notes)
        after = {cell: text for cell, text in self.plan.notes.items() if notes.get(cell) != text}
        return Edit(Field.NOTE, {cell: notes.get(cell) for cell in after}, after)


@dataclass
class _Wanted:
    """What the lines ask for, gathered cell by cell."""

    taxonomy: Taxonomy
    labels: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _said_on: dict[int, int] = field(default_factory=dict)

    def take(self, line: LabelLine, cell: int) -> None:
        """Add what one line says of a cell."""
        label = self.taxonomy.resolve(line.label) if line.label else None
        if line.label and label is None:
            self.problems.append(f"line {line.line}: there is no class “{line.label}”")
        agrees = self.labels.setdefault(cell, label) == label if label else True
        if line.comment:
            agrees &= self.notes.setdefault(cell, line.comment) == line.comment
        if not agrees:
            other = self._said_on[cell]
            self.problems.append(f"line {line.line}: line {other} says otherwise of the same cell")
        self._said_on.setdefault(cell, line.line)


def _changes(wanted: _Wanted, catalogue: Catalogue, *, from_model: int) -> LabelPlan:
    counted_as = wanted.taxonomy.counted_as
    reviews = catalogue.reviews.reviews_for(wanted.labels)
    human = {i: counted_as.get(review.label, review.label) for i, review in reviews.items()}
    present = catalogue.reviews.notes_for(wanted.notes)
    labels = {cell: label for cell, label in wanted.labels.items() if human.get(cell) != label}
    notes = {cell: text for cell, text in wanted.notes.items() if present.get(cell) != text}
    named = wanted.labels.keys() | wanted.notes.keys()
    unchanged = len(named - labels.keys() - notes.keys())
    return LabelPlan(labels=labels, notes=notes, unchanged=unchanged, from_model=from_model)


def _found_cells(lines: Sequence[LabelLine], catalogue: Catalogue) -> Iterator[int | str]:
    """Yield for each line the cell's row id, or the problem in the user's words."""
    ids = {line.line: _row_id(line, catalogue.code) for line in lines}
    refs = catalogue.cells.crop_refs({cell for cell in ids.values() if isinstance(cell, int)})
    shas = {ref.cell_id: ref.image_sha256 for ref in refs}
    for line in lines:
        found = ids[line.line]
        if found is None:
            yield _by_sha(line.image_sha256, catalogue)
        elif isinstance(found, str):
            yield found
        elif found not in shas:
            yield f"there is no cell {line.cell_id}"
        elif line.image_sha256 and shas[found] != line.image_sha256:
            yield f"cell {line.cell_id} has another image than image_sha256 says"
        else:
            yield found


def _row_id(line: LabelLine, code: str) -> int | str | None:
    """Return the row id that the cell id of a line means, a problem, or None to go by image."""
    if not line.cell_id:
        return None if line.image_sha256 else "it names no cell"
    try:
        return row_id(line.cell_id, code)
    except UserError as error:
        # An export of another workspace: the image tells the cell, whatever its id was there.
        return None if line.image_sha256 else f"{error.title}: {error.detail}"


def _by_sha(sha256: str, catalogue: Catalogue) -> int | str:
    cells = catalogue.cells.with_sha(sha256)
    if len(cells) == 1:
        return cells[0]
    if not cells:
        return f"there is no cell with the image {sha256[:16]}…"
    return f"{len(cells)} cells have the image {sha256[:16]}…; name one by its cell_id"
