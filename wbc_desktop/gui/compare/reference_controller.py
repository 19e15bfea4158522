"""Shows reference cells beside the cell being judged, and lets the reader step through classes.

The strip follows the cell with the focus while it is shown. A cell whose label was changed after
it was added is not shown as an example of its former class; the strip says how many there are.
"""

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtGui import QImage

from wbc_desktop.domain.audit.changes import Changes, Kind
from wbc_desktop.domain.cells.reference import Reference, classes_by_likelihood
from wbc_desktop.domain.wording import counted
from wbc_desktop.gui.compare.reference_texts import (
    current_class,
    face_of_drawn,
    face_of_judged,
    face_of_reference,
)
from wbc_desktop.gui.gallery.cell_browser import CellBrowser
from wbc_desktop.gui.gallery.crop_loader import THUMBNAIL_SIDE, crop_loader, image_of
from wbc_desktop.gui.main_window import MainWindow
from wbc_desktop.gui.tasks import TaskRunner
from wbc_desktop.gui.widgets.confidence_text import confidence_words
from wbc_desktop.services.inference.drawn_references import DrawnCell, drawn_cells, shown_for

if TYPE_CHECKING:  # the window is painted before the database library loads
    from PySide6.QtCore import SignalInstance

    from wbc_desktop.services.session.session import Session
    from wbc_desktop.store.records import CellRecord

OWN = 24  # the reader's own reference cells shown of one class, newest first
NOTHING = "Choose a cell to see reference cells of its class beside it."
NO_EXAMPLE = "No reference cells yet. Label a cell and press Ctrl+D to add it."
_DRAWN_WORDS = "Drawn cells are for orientation only."
_SCALE_WORDS = "Each picture is 25 µm wide where its scale is known."
_Arrived: TypeAlias = "Mapping[int, QImage] | DrawnCell"


class ReferenceController:
    """Fills the reference strip of the window.

    Args:
        session: Of the open workspace.
        browser: Knows which cells are shown.
        window: The strip, the cells, the notice line.
        runner: Runs workers.
        remove: Takes a cell out of the library.
        show_undo: Brings undo and redo in line with the session.
        on_error: Shows an error of any kind.
    """

    def __init__(
        self,
        *,
        session: "Session",
        browser: CellBrowser,
        window: MainWindow,
        runner: TaskRunner,
        remove: Callable[[int], None],
        show_undo: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._catalogue = session.workspace.catalogue
        self._load = crop_loader(session.workspace.reader().shas, session.workspace.crops)
        self._browser = browser
        self._window = window
        self._strip = window.references
        self._runner = runner
        self._show_undo = show_undo
        self._on_error = on_error
        self._record: CellRecord | None = None
        self._drawn: dict[str, list[DrawnCell]] = {}  # complete ones, by the class asked for
        self._unsubscribe = session.subscribe(self._take)
        pairs: list[tuple[SignalInstance, Callable[..., None]]] = [
            (window.gallery.current_changed, self._follow_gallery),
            (window.compare.current_changed, self._follow),
            (self._strip.class_chosen, self._show_class),
            (self._strip.pressed, self._go_to),
            (self._strip.removed, remove),
            (self._strip.closed, self.toggle),
        ]
        for signal, slot in pairs:
            signal.connect(slot)
        self._connections = pairs
        self._follow(window.gallery.current_id())

    def toggle(self) -> None:
        """Show the reference cells of the chosen cell's class, or hide them."""
        shown = self._strip.isVisible()
        self._strip.setVisible(not shown)
        if shown:
            self._window.focus_cells()
            return
        compare, gallery = self._window.compare, self._window.gallery
        self._follow((compare if compare.isVisible() else gallery).current_id())

    def step(self, by: int) -> None:
        """Show the next (1) or previous (−1) class; the strip opens if need be."""
        if self._strip.isVisible():
            self._strip.step(by)
        else:
            self.toggle()

    def close(self) -> None:
        """Let go of the window."""
        self._unsubscribe()
        for signal, slot in self._connections:
            signal.disconnect(slot)
        self._strip.show_classes((), "")
        self._strip.show_faces(None, (), note=NOTHING)

    def _go_to(self, cell_id: int) -> None:
        """Show a reference cell in the gallery, if the filter lets it."""
        gallery = self._window.gallery
        if gallery.isVisible() and self._browser.shown_among([cell_id]):
            gallery.select([cell_id])
            gallery.scroll_to(cell_id)
            gallery.setFocus()
        else:
            self._window.notice.say("This reference cell is not among the cells shown now.")

    def _take(self, changes: Changes) -> None:
        if changes.kinds & Kind.REFERENCES:
            self._show_undo()
        if self._record is None or not self._strip.isVisible():
            return
        relabelled = changes.kinds & Kind.REVIEWS and self._record.id in changes.cell_ids
        if relabelled or changes.kinds & Kind.CLASSES:
            self._follow(self._record.id)
        elif changes.kinds & (Kind.REFERENCES | Kind.REVIEWS):
            self._show_class(self._strip.class_id)

    def _follow_gallery(self, cell_id: int | None) -> None:
        if not self._window.compare.isVisible():  # else the pane with the focus is judged
            self._follow(cell_id)

    def _follow(self, cell_id: int | None) -> None:
        """Show the class of another cell."""
        if not self._strip.isVisible():
            return
        self._record = None if cell_id is None else self._catalogue.cell(cell_id)
        if self._record is None:
            self._strip.show_classes((), "")
            self._strip.show_faces(None, (), note=NOTHING)
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
        found = self._catalogue.references_of(shown_for(class_id, taxonomy))
        valid = self._still_so(found)
        own = {i: valid[i] for i in [*valid][: OWN + 1] if i != self._record.id}
        faces = [
            face_of_reference(self._catalogue.cell(cell_id), reference, taxonomy)
            for cell_id, reference in own.items()
        ]
        note = self._note(class_id, n_own=len(own), n_changed=len(found) - len(valid))
        self._strip.show_faces(face_of_judged(self._record, taxonomy), faces, note=note)
        self._fetch(class_id, self._record.id, tuple(own))

    def _still_so(self, found: Mapping[int, Reference]) -> dict[int, Reference]:
        """Return the cells that still carry the label they are an example of."""
        now = {i: self._counted(r.label) for i, r in self._catalogue.reviews_for(found).items()}
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
        drawable = any(taxonomy.by_id[leaf].leaf for leaf in shown_for(class_id, taxonomy))
        if drawable:
            words += [_DRAWN_WORDS, _SCALE_WORDS]
        elif not n_own:
            words.append(NO_EXAMPLE)
        return " ".join(words)

    def _fetch(self, class_id: str, judged: int, own: tuple[int, ...]) -> None:
        """Bring the crops of the workspace, then the drawn cells one by one."""
        taxonomy = self._session.taxonomy
        known = self._drawn.get(class_id)
        drawn: list[DrawnCell] = []

        def work() -> Generator[_Arrived]:
            yield self._load((judged, *own), THUMBNAIL_SIDE + 1)  # crops, not thumbnails
            for cell in known or drawn_cells(class_id, taxonomy):
                drawn.append(cell)
                yield cell

        def show(arrived: _Arrived) -> None:
            if isinstance(arrived, DrawnCell):
                self._strip.add_face(face_of_drawn(arrived, taxonomy), image_of(arrived.pixels))
                return
            self._strip.show_own(arrived.get(judged, QImage()))
            for cell_id in own:
                self._strip.show_image(cell_id, arrived.get(cell_id, QImage()))

        def keep() -> None:
            self._drawn[class_id] = drawn

        self._runner.run(
            work, on_item=show, on_done=keep, on_error=self._on_error, place="reference"
        )
