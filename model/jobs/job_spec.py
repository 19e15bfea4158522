"""What a job is asked to do, and what it says when it cannot be done.

The application writes `job.json`; this module reads it. To tell a job one more thing: a field of
`JobSpec`, or an entry of its `settings`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT: Final = 1
START_AGAIN: Final = "Start a new job: all labels are in the workspace."


class JobError(Exception):
    """A job cannot be done, for a reason that a person can do something about.

    Args:
        title: what happened, in a few words.
        detail: to which file, or in which figures.
        advice: what to do.
    """

    def __init__(self, title: str, detail: str, advice: str) -> None:
        super().__init__(f"{title}: {detail}. {advice}")
        self.title, self.detail, self.advice = title, detail, advice


class JobCancelledError(Exception):
    """A person ended the job."""


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
        champion: the model in use, to be judged against.
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
    champion: ModelName
    event: int
    site: str | None
    data_sha256: str
    settings: Mapping[str, Any]


def read_spec(path: Path) -> JobSpec:
    """Read what a job is asked to do.

    Raises:
        JobError: the file is missing, damaged or of another version.
    """
    try:
        return spec_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise JobError("The job cannot be read", f"{path}: {error}", START_AGAIN) from error


def spec_of(stated: Mapping[str, Any]) -> JobSpec:
    """Take a job from its JSON.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    if stated["format"] != FORMAT:
        raise ValueError(f"it is of format {stated['format']}, not {FORMAT}")
    return JobSpec(
        job_id=str(stated["job_id"]),
        kind=str(stated["kind"]),
        seed=int(stated["seed"]),
        model_id=str(stated["model_id"]),
        base=ModelName(stated["base"]["model_id"], stated["base"]["model_sha256"]),
        champion=ModelName(stated["champion"]["model_id"], stated["champion"]["model_sha256"]),
        event=int(stated["event"]),
        site=None if stated["site"] is None else str(stated["site"]),
        data_sha256=str(stated["data_sha256"]),
        settings=dict(stated.get("settings", {})),
    )
