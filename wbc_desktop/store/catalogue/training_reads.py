"""Reads of what models learn from: human labels with their whereabouts, and how they began."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, Subquery, case, func, not_, or_, select

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Review, ReviewMode
from wbc_desktop.domain.training.training_set import LabelledCell
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among, json_field

Ts = TypeVarTuple("Ts")
_SITE = func.coalesce(s.site.c.name, "")
_LABELS = (EventType.RELABEL.value, EventType.ACCEPT.value)
_MODES = {mode.value: mode for mode in ReviewMode}
_DRAWN = f'"mode":"{ReviewMode.DRAW.value}"'  # as canonical JSON writes it; text escapes its quotes


class LabelCount(NamedTuple):
    """How many labels of one class, site and patient a job would take.

    Attributes:
        class_id: What the labels teach.
        site: Name; the empty string where none is known.
        patient: Row id.
        held_out: True for those that never train.
        n: Cells.
        n_new: Those of them that no job knows as they are labelled now.
    """

    class_id: str
    site: str
    patient: int
    held_out: bool
    n: int
    n_new: int


class TrainingReads(Reads):
    """Human labels, as a training set needs them."""

    def labels(self, site: str | None = None) -> dict[str, int]:
        """Return how many cells carry each human label, as it was given.

        Args:
            site: Only cells of patients of this site; None for all.
        """
        statement = _with_whereabouts(select(s.review.c.label, func.count()), site)
        return {row[0]: row[1] for row in self._all(statement.group_by(s.review.c.label))}

    def label_counts(
        self,
        classes: Mapping[str, str],
        *,
        drawn: Mapping[int, str],
        at_most: int,
        known_until: Mapping[str, int],
        site: str | None = None,
    ) -> list[LabelCount]:
        """Count what ``training_set`` would take, by the same rules and without reading the cells.

        Args:
            classes: What each label teaches; labels that are not in it teach nothing.
            drawn: As ``drawn_first`` returns them.
            at_most: Cells in all; those accepted in bulk give way, the commonest classes first.
            known_until: By name of the site, the event up to which its labels are known to a job;
                0 for none.
            site: Only cells of patients of this site; None for all.
        """
        taken = _taken(classes, drawn=drawn, at_most=at_most, site=site)
        known = func.json_each(json.dumps(known_until)).table_valued("key", "value", name="known")
        since = func.coalesce(known.c.value, 0)
        new = or_(since == 0, self._relabelled(taken, since, first=min(known_until.values())))
        statement = (
            select(
                taken.c.class_id,
                taken.c.site,
                taken.c.patient,
                taken.c.held_out,
                func.count(),
                func.sum(case((new, 1), else_=0)),
            )
            .select_from(taken.outerjoin(known, known.c.key == taken.c.site))
            .group_by(taken.c.class_id, taken.c.site, taken.c.patient, taken.c.held_out)
        )
        return [LabelCount(*row) for row in self._all(statement)]

    def _relabelled(
        self, taken: Subquery, since: ColumnElement[int], *, first: int
    ) -> ColumnElement[bool]:
        """Return the condition that a label was given or changed after an event."""
        event_cell = s.event_cell.c
        return (
            select(event_cell.event_seq)
            .where(
                event_cell.cell_id == taken.c.cell_id,
                event_cell.event_seq > since,
                among(event_cell.event_seq, self._label_events(first)),
            )
            .correlate_except(s.event_cell)
            .exists()
        )

    def labelled_cells(self, site: str | None = None) -> list[LabelledCell]:
        """Return every cell with a human label, by ascending id.

        Args:
            site: Only cells of patients of this site; None for all.

        Raises:
            UserError: If a review is damaged.
        """
        columns = select(
            s.review.c.cell_id,
            s.review.c.label,
            s.review.c.mode,
            s.slide.c.patient_id,
            s.cell.c.slide_id,
            _SITE,
            s.cell.c.image_sha256,
        )
        statement = _with_whereabouts(columns, site).order_by(s.review.c.cell_id)
        try:
            return [
                LabelledCell(
                    cell_id=row[0],
                    label=row[1],
                    mode=_MODES[row[2]],
                    patient=row[3],
                    slide=row[4],
                    site=row[5],
                    image_sha256=row[6],
                )
                for row in self._all(statement)
            ]
        except KeyError as error:
            raise UserError(
                "What people said of the cells is damaged",
                f"workspace.wbc: the mode {error} of a review",
                "Run `wbc verify` on the workspace, and restore workspace.wbc from a backup.",
            ) from error

    def drawn_first(self) -> dict[int, str]:
        """Return the cells whose first human label ever came by lot, with their picture's digest.

        The log decides, not the present label: what was drawn stays drawn, whatever is said of the
        cell later, and what was labelled otherwise before was not chosen by lot alone.
        """
        drawn = self._drawn_by_event()
        cells = {cell_id for ids in drawn.values() for cell_id in ids}
        if not cells:
            return {}
        first = self._all(
            select(
                s.event_cell.c.cell_id, func.min(s.event_cell.c.event_seq), s.cell.c.image_sha256
            )
            .join(s.event, s.event.c.seq == s.event_cell.c.event_seq)
            .join(s.cell, s.cell.c.id == s.event_cell.c.cell_id)
            .where(among(s.event_cell.c.cell_id, cells), s.event.c.type.in_(_LABELS))
            .group_by(s.event_cell.c.cell_id)
        )
        return {row[0]: row[2] for row in first if row[0] in drawn.get(row[1], ())}

    def _label_events(self, after_seq: int) -> Sequence[int]:
        """Return the events after one that gave or changed human labels."""
        # Without their cells: SQLite would read the payload of a bulk label once for each of them.
        return self._column(
            select(s.event.c.seq).where(
                s.event.c.seq > after_seq,
                json_field(s.event.c.payload, "field") == Field.REVIEW.value,
            )
        )

    def first_labelled(self) -> dict[int, int]:
        """Return for each cell that ever had a human label the event that gave the first one."""
        rows = self._all(
            select(s.event_cell.c.cell_id, func.min(s.event_cell.c.event_seq))
            .join(s.event, s.event.c.seq == s.event_cell.c.event_seq)
            .where(s.event.c.type.in_(_LABELS))
            .group_by(s.event_cell.c.cell_id)
        )
        return {row[0]: row[1] for row in rows}

    def _drawn_by_event(self) -> dict[int, set[int]]:
        """Return the cells that got a label by lot, by the event that gave it."""
        rows = self._all(
            select(s.event.c.seq, s.event.c.payload)
            .where(s.event.c.type.in_(_LABELS), func.instr(s.event.c.payload, _DRAWN) > 0)
            .order_by(s.event.c.seq)
        )
        found: dict[int, set[int]] = {}
        for seq, text in rows:
            try:
                after = Edit.from_payload(json.loads(text)).after
            except ValueError as error:
                raise UserError(
                    "The audit log is damaged",
                    f"event {seq} cannot be read",
                    "Run wbc verify to see what is wrong, and restore the folder from a backup.",
                ) from error
            found[seq] = {
                cell_id
                for cell_id, review in after.items()
                if isinstance(review, Review) and review.mode is ReviewMode.DRAW
            }
        return found


def _with_whereabouts(columns: Select[*Ts], site: str | None) -> Select[*Ts]:
    """Return the rows of all human labels with their cell, slide, patient and site."""
    joined = (
        columns.select_from(s.review)
        .join(s.cell, s.cell.c.id == s.review.c.cell_id)
        .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
        .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
        .outerjoin(s.site, s.site.c.id == s.patient.c.site_id)
    )
    return joined if site is None else joined.where(_SITE.in_([site]))


def _taken(
    classes: Mapping[str, str], *, drawn: Mapping[int, str], at_most: int, site: str | None
) -> Subquery:
    """Return the cells that a job would take, as ``training_set`` chooses them."""
    known = func.json_each(json.dumps(classes)).table_valued("key", "value", name="teaches")
    held_out = among(s.review.c.cell_id, drawn)
    bulk = s.review.c.mode == ReviewMode.BULK.value
    alike = func.row_number().over(
        partition_by=(known.c.value, bulk), order_by=s.review.c.cell_id
    )  # how many of the same class and mode come before
    columns = select(
        s.review.c.cell_id,
        known.c.value.label("class_id"),
        _SITE.label("site"),
        s.slide.c.patient_id.label("patient"),
        held_out.label("held_out"),
        bulk.label("bulk"),
        alike.label("rank"),
    )
    copy = among(s.cell.c.image_sha256, sorted(set(drawn.values())))
    kept = (
        _with_whereabouts(columns, site)
        .join(known, known.c.key == s.review.c.label)
        .where(or_(held_out, not_(copy)))
        .subquery("kept")
    )
    ranked = select(kept).order_by(kept.c.held_out.desc(), kept.c.bulk, kept.c.rank, kept.c.cell_id)
    return ranked.limit(at_most).subquery("taken")
