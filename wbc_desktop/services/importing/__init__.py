"""Importing: a dry run that shows what would happen, then the import, patient by patient.

``read_plan`` looks (``survey``), reads folders as patients and slides (``reading``) and sorts out
duplicates (``planning``); ``execute`` writes crops and yields commands, ``run_import`` records them
on one thread. To understand one more layout of folders, add a rule to ``reading``; to
read another kind of file, see ``store.sources``.
"""

from wbc_desktop.services.importing.commands import (
    DropUnfinishedPatients,
    FinishPatient,
    StageCells,
)
from wbc_desktop.services.importing.execution import ImportStep, execute, run_import
from wbc_desktop.services.importing.options import (
    ImportOptions,
    ImportProgress,
    LabelsFrom,
    Reading,
    Stage,
)
from wbc_desktop.services.importing.plan import (
    Duplicate,
    ImportPlan,
    PlannedCell,
    PlannedPatient,
    PlannedSlide,
)
from wbc_desktop.services.importing.planning import make_plan, plan_steps, read_plan
from wbc_desktop.services.importing.scan import Survey, survey_paths

__all__ = [
    "DropUnfinishedPatients",
    "Duplicate",
    "FinishPatient",
    "ImportOptions",
    "ImportPlan",
    "ImportProgress",
    "ImportStep",
    "LabelsFrom",
    "PlannedCell",
    "PlannedPatient",
    "PlannedSlide",
    "Reading",
    "Stage",
    "StageCells",
    "Survey",
    "execute",
    "make_plan",
    "plan_steps",
    "read_plan",
    "run_import",
    "survey_paths",
]
