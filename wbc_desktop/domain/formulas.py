"""Text that no spreadsheet takes for a formula, and the way back.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return
for a formula. Such a text gets a leading apostrophe on its way out and loses it on its way in;
a text that already looks guarded gets one more, so that every text comes back as it was.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return the text that ``guard`` was given."""
    return text[1:] if _GUARDED.match(text) else text
