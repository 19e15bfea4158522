"""All reads of a workspace, one attribute for each noun: ``catalogue.cells.get(7)``.

To add a read, put it into the class of its noun; a noun more is a module beside these and one line
below.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine

from wbc_desktop.store.catalogue.cell_reads import CellReads
from wbc_desktop.store.catalogue.event_reads import EventReads
from wbc_desktop.store.catalogue.import_reads import ImportReads
from wbc_desktop.store.catalogue.index_reads import IndexReads
from wbc_desktop.store.catalogue.meta_reads import MetaReads
from wbc_desktop.store.catalogue.patient_reads import PatientReads
from wbc_desktop.store.catalogue.prediction_reads import PredictionReads
from wbc_desktop.store.catalogue.review_reads import ReferenceReads, ReviewReads
from wbc_desktop.store.catalogue.slide_reads import SlideReads
from wbc_desktop.store.catalogue.training_reads import TrainingReads


class Catalogue:
    """Reads of one workspace, from any thread: each takes its own connection from the pool.

    The catalogue of a snapshot or a transaction stands on one connection instead, and belongs to
    the thread that opened it. Generators hold a connection until they are exhausted or closed.

    Attributes:
        code: The workspace's code, which its cell ids begin with.
        patients: Patients and their slides.
        slides: What the model measured of slides, and their assessments.
        cells: Cells with all they carry.
        index: All cells as numpy columns.
        predictions: What models said.
        reviews: What people said.
        references: The reference library.
        imports: What an import and its check need.
        training: What models learn from.
        events: The audit log.
        meta: What the workspace keeps by key, and its definitions.
    """

    def __init__(self, source: Engine | Connection, *, path: Path, code: str) -> None:
        self.code = code
        self.patients = PatientReads(source, path=path, code=code)
        self.slides = SlideReads(source, path=path, code=code)
        self.cells = CellReads(source, path=path, code=code)
        self.index = IndexReads(source, path=path, code=code)
        self.predictions = PredictionReads(source, path=path, code=code)
        self.reviews = ReviewReads(source, path=path, code=code)
        self.references = ReferenceReads(source, path=path, code=code)
        self.imports = ImportReads(source, path=path, code=code)
        self.training = TrainingReads(source, path=path, code=code)
        self.events = EventReads(source, path=path, code=code)
        self.meta = MetaReads(source, path=path, code=code)
