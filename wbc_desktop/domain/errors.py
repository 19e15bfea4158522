"""What a person is told when something cannot be done.

Raise a ``UserError`` wherever the cause lies with a file, an input or the state of the
workspace. The command line prints it on one line, the window shows it in its one dialog.
Anything else that escapes is a fault of ours and is logged with its traceback.
"""

from dataclasses import dataclass


# Not frozen: contextlib writes __traceback__ onto exceptions that pass through it.
@dataclass(eq=False)
class UserError(Exception):
    """An error in the user's words.

    Attributes:
        title: What happened, in one short sentence without a trailing full stop.
        detail: To which file, cell or value it happened.
        advice: What to do about it.
    """

    title: str
    detail: str = ""
    advice: str = ""

    def __str__(self) -> str:
        """One line: title, detail and advice."""
        head = f"{self.title}: {self.detail}" if self.detail else self.title
        head = head if head.endswith((".", "!", "?")) else f"{head}."
        return f"{head} {self.advice}".strip()
