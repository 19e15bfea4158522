"""The files in the folder of a job, and what stands in them: what program and job agree on.

    job.json            what to do (`JobSpec`); the application writes it, and never changes it
    cells.safetensors   the cells (`model.jobs.job_cells`), frozen
    lock                held by the process at work; the system lets go of it if that dies
    process.json        number of the last process that the application started
    progress.jsonl      one line for each step (`ProgressRecord`)
    log.txt             what the process printed
    pause, cancelled    while the first is there the job waits; the second ends it
    checkpoint/         where a fine-tuning goes on
    candidate/          the model that was made
    judged.safetensors  what old and new model say of cells they have not learned from
    result.json         written last: a job with a result is done, whatever happens after

Only the standard library is imported here: a program that starts a job loads nothing for it. To
tell a job one more thing: a field of `JobSpec`, or an entry of its `settings`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 1
SPEC_FILE: Final = "job.json"
CELLS_FILE: Final = "cells.safetensors"
LOCK_FILE: Final = "lock"
PROCESS_FILE: Final = "process.json"
PROGRESS_FILE: Final = "progress.jsonl"
LOG_FILE: Final = "log.txt"
PAUSE_FILE: Final = "pause"
CANCELLED_FILE: Final = "cancelled"
CHECKPOINT_FOLDER: Final = "checkpoint"
CANDIDATE_FOLDER: Final = "candidate"
JUDGED_FILE: Final = "judged.safetensors"
RESULT_FILE: Final = "result.json"


@dataclass(frozen=True)
class ModelName:
    """A model by id and digest (hex)."""

    model_id: str
    model_sha256: str


@dataclass(frozen=True)
class JobSpec:
    """What a job is asked to do.

    Attributes:
        job_id: name of the job in its workspace.
        kind: "adapt" or "finetune".
        seed: of everything drawn.
        model_id: name of the model to make.
        base: the model to start from.
        active: the model in use, to be compared with.
        event: number of the newest event when the cells were frozen.
        site: name of the site, or None for all.
        data_sha256: hex, of the file of its cells.
        settings: more, by name.
    """

    job_id: str
    kind: str
    seed: int
    model_id: str
    base: ModelName
    active: ModelName
    event: int
    site: str | None
    data_sha256: str
    settings: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Return it as `job.json` holds it."""
        fields = asdict(self)
        return {"format": FORMAT, "champion": fields.pop("active"), **fields}

    @classmethod
    def parse(cls, stated: Mapping[str, Any]) -> JobSpec:
        """Take a job from its JSON.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        if stated["format"] != FORMAT:
            raise ValueError(f"it is of format {stated['format']}, not {FORMAT}")
        base, active = stated["base"], stated["champion"]
        return cls(
            job_id=str(stated["job_id"]),
            kind=str(stated["kind"]),
            seed=int(stated["seed"]),
            model_id=str(stated["model_id"]),
            base=ModelName(base["model_id"], base["model_sha256"]),
            active=ModelName(active["model_id"], active["model_sha256"]),
            event=int(stated["event"]),
            site=None if stated["site"] is None else str(stated["site"]),
            data_sha256=str(stated["data_sha256"]),
            settings=dict(stated.get("settings", {})),
        )


@dataclass(frozen=True)
class ProgressRecord:
    """One line of `progress.jsonl`.

    Attributes:
        at: UTC time, ISO 8601.
        phase: reading, fitting, judging, training or exporting.
        step: done so far.
        steps: in all; 0 where it is not known.
        loss: of the training, or None.
        macro_f1: of cells that did not train, in 0..1, or None.
        eta_s: seconds to the end, or None.
    """

    at: str
    phase: str
    step: int
    steps: int
    loss: float | None
    macro_f1: float | None
    eta_s: float | None

    def line(self) -> str:
        """Return it as the file holds it, with the end of the line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def parse(cls, line: bytes) -> ProgressRecord | None:
        """Take a line from the file; None if it is damaged, or half written."""
        try:
            found = json.loads(line)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        return cls(
            at=str(found.get("at", "")),
            phase=str(found.get("phase", "")),
            step=int(finite(found.get("step")) or 0),
            steps=int(finite(found.get("steps")) or 0),
            loss=finite(found.get("loss")),
            macro_f1=finite(found.get("macro_f1")),
            eta_s=finite(found.get("eta_s")),
        )


def finite(value: object) -> float | None:
    """Return a finite number from JSON as it is, anything else as None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None  # also False for NaN
