"""The log of the window: in the platform's place, rotated, and without anybody's name in it.

Of our own records only numbers and the kinds of errors are filled in; texts could be the code of a
patient or the name of a file. Of other libraries' records only the pattern is written.
"""

import logging
import numbers
from logging.handlers import RotatingFileHandler
from pathlib import Path

from wbc_desktop.services.support import redaction

NAME = "wbc-desktop.log"
KEPT = 2  # older files beside the present one
_BYTES = 1_000_000
_PATTERN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OURS = ("wbc_desktop", "model")


class PrivateFormatter(logging.Formatter):
    """Writes a record without texts that came from outside the program."""

    def __init__(self) -> None:
        super().__init__(_PATTERN)

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record, with the trace of its error if it has one."""
        clean = logging.makeLogRecord(record.__dict__)
        clean.msg, clean.args = _message(record), None
        clean.exc_info = clean.exc_text = clean.stack_info = None
        text = super().format(clean)
        error = record.exc_info[1] if record.exc_info else None
        return text if error is None else f"{text}\n{redaction.redacted_traceback(error)}"


def start_log(folder: Path) -> None:
    """Write the log of this process into a folder; where that cannot be, to the error stream."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / NAME, maxBytes=_BYTES, backupCount=KEPT, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(PrivateFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _message(record: logging.LogRecord) -> str:
    pattern = str(record.msg)
    ours = record.name.split(".")[0] in _OURS
    if not record.args:
        # A text that was put together before it came here may hold anything.
        return pattern if ours else redaction.HIDDEN
    if not ours or not isinstance(record.args, tuple):
        return pattern
    try:
        return pattern % tuple(_allowed(value) for value in record.args)
    except (TypeError, ValueError):  # a text stands where a number was expected
        return pattern


def _allowed(value: object) -> object:
    if value is None or isinstance(value, numbers.Number):
        return value
    return redaction.error_kind(value) if isinstance(value, BaseException) else redaction.HIDDEN
