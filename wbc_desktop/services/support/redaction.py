"""What may be written of an error without naming a patient, a cell, a file or a person.

Log and crash reports may leave the computer in somebody's mail. The message of an error may name
anything, so it is left out; the kind of the error and the lines of our own code stay.
"""

import re
import traceback
from collections.abc import Iterator
from pathlib import PurePath

_ROOTS = ("site-packages", "dist-packages", "wbc_desktop", "model", "_internal")
_FILE = re.compile(r'File "([^"]*)"')
HIDDEN = "…"


def error_kind(error: BaseException) -> str:
    """Return the kind of an error; of one of the system also what it means."""
    kind = type(error)
    own = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    if isinstance(error, OSError) and error.strerror:
        return f"{own} ({error.strerror})"
    return own


def redacted_traceback(error: BaseException) -> str:
    """Return where an error and its causes came from, without what they say."""
    parts = []
    for each, link in _chain(error):
        if link:
            parts.append(link)
        parts += [
            f'  File "{source_path(frame.filename)}", line {frame.lineno}, in {frame.name}'
            + (f"\n    {frame.line}" if frame.line else "")
            for frame in traceback.extract_tb(each.__traceback__)
        ]
        parts.append(error_kind(each))
    return "\n".join(parts)


def source_path(file: str) -> str:
    """Return a source file from the root of its package on: no folder of a person is named."""
    parts = PurePath(file.replace("\\", "/")).parts
    for root in _ROOTS:
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root)
            kept = parts[start:] if root in ("wbc_desktop", "model") else parts[start + 1 :]
            return "/".join(kept)
    return parts[-1] if parts else HIDDEN


def redact_source_paths(text: str) -> str:
    """Shorten the source files that a text names in the way of a traceback."""
    return _FILE.sub(lambda found: f'File "{source_path(found[1])}"', text)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield the causes of an error, the first one first, each with how it led to the next."""
    cause = error.__cause__
    before = cause if cause is not None else error.__context__
    if before is None or (cause is None and error.__suppress_context__):
        yield error, ""
        return
    yield from _chain(before)
    yield error, "which led to" if cause is not None else "and while it was dealt with"


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
