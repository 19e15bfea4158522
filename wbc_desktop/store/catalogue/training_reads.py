"""Reads of what models learn from: human labels with their whereabouts, and how they began."""

import json

from sqlalchemy import func, select

from wbc_desktop.domain.audit.edits import Edit, Field
from wbc_desktop.domain.audit.events import EventType
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.review.review import Review, ReviewMode
from wbc_desktop.domain.training.training_set import LabelledCell
from wbc_desktop.store import schema as s
from wbc_desktop.store.catalogue.reads import Reads
from wbc_desktop.store.database import among, json_field

_LABELS = (EventType.RELABEL.value, EventType.ACCEPT.value)
_MODES = {mode.value: mode for mode in ReviewMode}
_DRAWN = f'"mode":"{ReviewMode.DRAW.value}"'  # as canonical JSON writes it; text escapes its quotes


class TrainingReads(Reads):
    """Human labels, as a training set needs them."""

    def labelled_cells(self, site: str | None = None) -> list[LabelledCell]:
        """Return every cell with a human label, by ascending id.

        Args:
            site: Only cells of patients of this site; None for all.

        Raises:
            UserError: If a review is damaged.
        """
        name = func.coalesce(s.site.c.name, "")
        statement = (
            select(
                s.review.c.cell_id,
                s.review.c.label,
                s.review.c.mode,
                s.slide.c.patient_id,
                s.cell.c.slide_id,
                name,
                s.cell.c.image_sha256,
            )
            .join(s.cell, s.cell.c.id == s.review.c.cell_id)
            .join(s.slide, s.slide.c.id == s.cell.c.slide_id)
            .join(s.patient, s.patient.c.id == s.slide.c.patient_id)
            .outerjoin(s.site, s.site.c.id == s.patient.c.site_id)
            .order_by(s.review.c.cell_id)
        )
        if site is not None:
            statement = statement.where(name == site)
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

    def labelled_after(self, seq: int) -> set[int]:
        """Return the cells whose human label was given or changed after an event."""
        # Events first: in one statement SQLite would read the payload of a bulk label once a cell.
        seqs = self._column(
            select(s.event.c.seq).where(
                s.event.c.seq > seq,
                json_field(s.event.c.payload, "field") == Field.REVIEW.value,
            )
        )
        statement = select(s.event_cell.c.cell_id).where(among(s.event_cell.c.event_seq, seqs))
        return set(self._column(statement.distinct()))

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
