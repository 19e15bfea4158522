"""Shows reference cells beside the cell being judged, and lets the reader step through classes.

The strip follows the cell with the focus while it is shown. A cell whose label was changed after
it was added is not shown as an example of its former class; the strip says how many there are.
"""

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtGui import QImage

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.cells.reference import Reference, classes_by_likelihood
from wbc_desktop.domain.errors import UserError
from wbc_desktop.domain.taxonomy.classes import Taxonomy
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.compare.reference_tile import ReferenceEntry
from wbc_desktop.gui.context import WorkspaceContext
from wbc_desktop.gui.controller import Controller
from wbc_desktop.gui.gallery.crop_loader import THUMBNAIL_SIDE, crop_loader, image_of
from wbc_desktop.gui.history.history_text import local_time
from wbc_desktop.gui.inspector.cell_texts import current_class
from wbc_desktop.gui.widgets.prediction_text import confidence_words
from wbc_desktop.services.inference.rendered_references import (
    RenderedReference,
    reference_classes,
    rendered_references,
)
from wbc_desktop.store.records import CellRecord

if TYPE_CHECKING:  # the window is painted before the database library loads
    from wbc_desktop.services.session.commands import UserCommand

MAX_OWN = 24  # the reader's own reference cells shown of one class, newest first
NOTHING = "Choose a cell to see reference cells of its class beside it."
NO_EXAMPLE = "No reference cells yet. Label a cell and press Ctrl+D to add it."
_RENDERED_WORDS = "Drawn cells are for orientation only."
_SCALE_WORDS = "Each picture is 25 µm wide where its scale is known."
_Arrived: TypeAlias = "Mapping[int, QImage] | RenderedReference"


class ReferenceController(Controller):
    """Fills the reference strip of the window.

    Args:
        context: The workspace and the window.
        remove: Takes a cell out of the library.
        show_undo: Brings undo and redo in line with the session.
    """

    def __init__(
        self,
        context: WorkspaceContext,
        *,
        remove: Callable[[int], None],
        show_undo: Callable[[], None],
    ) -> None:
        super().__init__()
        self._session = context.session
        self._catalogue = context.catalogue
        self._load = crop_loader(context.workspace.catalogue.cells.shas, context.workspace.crops)
        self._browser = context.browser
        self._window = window = context.window
        self._strip = window.references
        self._runner = context.runner
        self._show_undo = show_undo
        self._on_error = context.on_error
        self._record: CellRecord | None = None
        self._rendered: dict[str, list[RenderedReference]] = {}  # complete, by the class asked for
        self.on_close(self._session.subscribe(self._on_changes))
        self.connect(window.gallery.current_changed, self._on_gallery_current)
        self.connect(window.compare.current_changed, self._show_cell)
        self.connect(self._strip.class_chosen, self._show_class)
        self.connect(self._strip.pressed, self._go_to)
        self.connect(self._strip.removed, remove)
        self.connect(self._strip.closed, self.toggle)
        self._show_cell(window.gallery.current_id())

    def toggle(self) -> None:
        """Show the reference cells of the chosen cell's class, or hide them."""
        shown = self._strip.isVisible()
        self._strip.setVisible(not shown)
        if shown:
            self._window.focus_cells()
            return
        compare, gallery = self._window.compare, self._window.gallery
        self._show_cell((compare if compare.isVisible() else gallery).current_id())

    def step(self, by: int) -> None:
        """Show the next (1) or previous (−1) class; the strip opens if need be."""
        if self._strip.isVisible():
            self._strip.step(by)
        else:
            self.toggle()

    def close(self) -> None:
        """Let go of the window."""
        super().close()
        self._strip.show_classes((), "")
        self._strip.show_entries(None, (), note=NOTHING)

    def _go_to(self, cell_id: int) -> None:
        """Show a reference cell in the gallery, if the filter lets it."""
        gallery = self._window.gallery
        if gallery.isVisible() and self._browser.shown_among([cell_id]):
            gallery.select([cell_id])
            gallery.scroll_to(cell_id)
            gallery.setFocus()
        else:
            self._window.notice.say("This reference cell is not among the cells shown now.")

    def _on_changes(self, changes: Changes) -> None:
        if changes.kinds & Kind.REFERENCES:
            self._show_undo()
        if self._record is None or not self._strip.isVisible():
            return
        relabelled = changes.kinds & Kind.REVIEWS and self._record.id in changes.cell_ids
        if relabelled or changes.kinds & Kind.CLASSES:
            self._show_cell(self._record.id)
        elif changes.kinds & (Kind.REFERENCES | Kind.REVIEWS):
            self._show_class(self._strip.class_id)

    def _on_gallery_current(self, cell_id: int | None) -> None:
        if not self._window.compare.isVisible():  # else the pane with the focus is judged
            self._show_cell(cell_id)

    def _show_cell(self, cell_id: int | None) -> None:
        """Show the class of another cell."""
        if not self._strip.isVisible():
            return
        self._record = None if cell_id is None else self._catalogue.cells.get(cell_id)
        if self._record is None:
            self._strip.show_classes((), "")
            self._strip.show_entries(None, (), note=NOTHING)
            return
        taxonomy = self._session.taxonomy
        known = current_class(self._record, taxonomy)
        probs = None if self._record.probs is None else self._record.probs.tolist()
        order = classes_by_likelihood(known.id if known else None, probs, taxonomy)
        self._strip.show_classes([taxonomy.by_id[class_id] for class_id in order], order[0])
        self._show_class(order[0])

    def _show_class(self, class_id: str) -> None:
        if self._record is None:
            return
        taxonomy = self._session.taxonomy
        found = self._catalogue.references.of_classes(reference_classes(class_id, taxonomy))
        valid = self._still_valid(found)
        own = {i: valid[i] for i in [*valid][: MAX_OWN + 1] if i != self._record.id}
        entries = [
            _reference_entry(self._catalogue.cells.get(cell_id), reference, taxonomy)
            for cell_id, reference in own.items()
        ]
        note = self._note(class_id, n_own=len(own), n_changed=len(found) - len(valid))
        self._strip.show_entries(_judged_entry(self._record, taxonomy), entries, note=note)
        self._fetch(class_id, self._record.id, tuple(own))

    def _still_valid(self, found: Mapping[int, Reference]) -> dict[int, Reference]:
        """Return the cells that still carry the label they are an example of."""
        now = {
            i: self._counted(r.label) for i, r in self._catalogue.reviews.reviews_for(found).items()
        }
        return {i: r for i, r in found.items() if now.get(i) == self._counted(r.label)}

    def _counted(self, label: str) -> str:
        return self._session.taxonomy.counted_as.get(label, label)

    def _note(self, class_id: str, *, n_own: int, n_changed: int) -> str:
        taxonomy, record = self._session.taxonomy, self._record
        words = []
        if record is not None and record.probs is not None and class_id in taxonomy.leaves:
            share = float(record.probs[taxonomy.leaves.index(class_id)])
            words.append(f"The model gives this class {confidence_words(share)}.")
        if n_changed:
            words.append(f"{counted(n_changed, 'cell')} with another label now not shown.")
        drawable = any(taxonomy.by_id[leaf].leaf for leaf in reference_classes(class_id, taxonomy))
        if drawable:
            words += [_RENDERED_WORDS, _SCALE_WORDS]
        elif not n_own:
            words.append(NO_EXAMPLE)
        return " ".join(words)

    def _fetch(self, class_id: str, judged: int, own: tuple[int, ...]) -> None:
        """Bring the crops of the workspace, then the drawn cells one by one."""
        taxonomy = self._session.taxonomy
        known = self._rendered.get(class_id)
        drawn: list[RenderedReference] = []

        def work() -> Generator[_Arrived]:
            yield self._load((judged, *own), THUMBNAIL_SIDE + 1)  # crops, not thumbnails
            for cell in known or rendered_references(class_id, taxonomy):
                drawn.append(cell)
                yield cell

        def show(arrived: _Arrived) -> None:
            if isinstance(arrived, RenderedReference):
                self._strip.add_entry(_rendered_entry(arrived, taxonomy), image_of(arrived.pixels))
                return
            self._strip.show_own(arrived.get(judged, QImage()))
            for cell_id in own:
                self._strip.show_image(cell_id, arrived.get(cell_id, QImage()))

        def keep() -> None:
            self._rendered[class_id] = drawn

        self._runner.run(work, on_item=show, on_done=keep, on_error=self._on_error, key="reference")


class ReferenceLibrary:
    """Adds cells to the reference library of the workspace, takes cells out, and says so."""

    def __init__(self, context: WorkspaceContext) -> None:
        self._session = context.session
        self._window = context.window
        self._ensure_reader = context.ensure_reader

    def add(self) -> None:
        """Add the selected cells that a person labelled."""
        from wbc_desktop.services.session.reference_commands import AddReferences, examples

        cells = self._selected()
        changes = self._do(AddReferences(cells)) if cells else None
        if changes is None:
            return
        left = len(cells) - len(examples(self._session.workspace.catalogue, cells))
        tail = f"; {counted(left, 'cell')} without such a label left out" if left else ""
        done = f"Saved: {changes.text}" if changes.kinds else "Already reference cells"
        self._window.notice.say(f"{done}{tail}.")

    def remove(self) -> None:
        """Take the selected cells out."""
        cells = self._selected()
        if cells:
            self._remove(cells)

    def remove_one(self, cell_id: int) -> None:
        """Take one cell out; the keyboard leaves the tile, which goes with it."""
        self._remove((cell_id,))
        self._window.focus_cells()

    def _remove(self, cells: tuple[int, ...]) -> None:
        from wbc_desktop.services.session.reference_commands import RemoveReferences

        changes = self._do(RemoveReferences(cells))
        if changes is None:
            return
        none = "None of the selected cells is a reference cell"
        self._window.notice.say(f"{f'Saved: {changes.text}' if changes.kinds else none}.")

    def _selected(self) -> tuple[int, ...]:
        compare, gallery = self._window.compare, self._window.gallery
        cells = (compare if compare.isVisible() else gallery).selected_ids()
        if not cells:
            self._window.notice.say("Select a cell first.")
        return tuple(cells)

    def _do(self, command: "UserCommand") -> Changes | None:
        if not self._ensure_reader():
            return None
        try:
            return self._session.do(command)
        except UserError as error:
            self._window.notice.warn(str(error))
            return None


def _judged_entry(record: CellRecord, taxonomy: Taxonomy) -> ReferenceEntry:
    """Return what the tile of the cell being judged says."""
    known = current_class(record, taxonomy)
    by = "a person's label" if record.review else "the model's label"
    return ReferenceEntry(
        cell_id=None,
        cell_class=known,
        source="",
        detail="this cell",
        spoken=f"This cell, {known.name}, {by}" if known else "This cell, not classified yet",
        um_per_px=record.um_per_px,
    )


def _reference_entry(
    record: CellRecord, reference: Reference, taxonomy: Taxonomy
) -> ReferenceEntry:
    """Return what the tile of a reader's reference cell says."""
    label = taxonomy.counted_as.get(reference.label, reference.label)
    known = taxonomy.by_id.get(label)
    when = local_time(reference.at)
    scale = "" if record.um_per_px else ". Its scale is not known: the whole crop is shown"
    return ReferenceEntry(
        cell_id=record.id,
        cell_class=known,
        source=reference.reader,
        detail=when.partition(" ")[0],
        spoken=(
            f"{known.name if known else reference.label}, {record.cell_id}, "
            f"{record.patient_code}, {record.slide_code}, added by {reference.reader}, "
            f"{when}{scale}"
        ),
        um_per_px=record.um_per_px,
    )


def _rendered_entry(rendered: RenderedReference, taxonomy: Taxonomy) -> ReferenceEntry:
    """Return what the tile of a drawn cell says."""
    known = taxonomy.by_id[rendered.label]
    return ReferenceEntry(
        cell_id=None,
        cell_class=known,
        source="drawn",
        detail="for orientation",
        spoken=f"{known.name}, a drawn cell, for orientation only",
        um_per_px=rendered.um_per_px,
    )
