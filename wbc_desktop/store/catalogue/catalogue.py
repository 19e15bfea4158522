"""All reads of a workspace, gathered from one module for each noun.

To add a read, put it where its noun is: ``cell_reads``, ``index_reads``,
``review_reads``, ``import_reads``,
``shift_reads``, ``reference_reads``, ``training_reads``, ``meta_reads`` or ``event_reads``.
"""

from wbc_desktop.store.catalogue.cell_reads import CellReads
from wbc_desktop.store.catalogue.event_reads import EventReads
from wbc_desktop.store.catalogue.import_reads import ImportReads
from wbc_desktop.store.catalogue.index_reads import IndexReads
from wbc_desktop.store.catalogue.meta_reads import MetaReads
from wbc_desktop.store.catalogue.reference_reads import ReferenceReads
from wbc_desktop.store.catalogue.review_reads import ReviewReads
from wbc_desktop.store.catalogue.shift_reads import ShiftReads
from wbc_desktop.store.catalogue.training_reads import TrainingReads


class Catalogue(
    CellReads,
    IndexReads,
    ReviewReads,
    ReferenceReads,
    ImportReads,
    ShiftReads,
    TrainingReads,
    MetaReads,
    EventReads,
):
    """Reads of one workspace, from any thread: each takes its own connection from the pool.

    The catalogue of a snapshot or a transaction stands on one connection instead, and belongs to
    the thread that opened it. Generators hold a connection until they are exhausted or closed.
    """
