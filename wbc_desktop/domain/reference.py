"""Reference cells: what a reader has chosen as a good example of a class."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One cell's place in the reference library of a workspace.

    Attributes:
        label: Class id it is an example of: its label when it was added.
        reader: Who added it.
        at: UTC time.
    """

    label: str
    reader: str
    at: str
