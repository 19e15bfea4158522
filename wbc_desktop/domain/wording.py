"""Small pieces of English that many messages share, and texts that people type."""

from wbc_desktop.domain.errors import UserError


def counted(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 cell", "1,234 cells".

    Args:
        n: How many.
        noun: In the singular.
        plural: Where it does not just end in s.
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {plural or f'{noun}s'}"


def capitalised(text: str) -> str:
    """Return a text with a capital at its start, the rest as it is: names keep theirs."""
    return text[:1].upper() + text[1:]


def plain_text(text: str, *, what: str) -> str:
    """Return a user's text without white space around it.

    Args:
        text: As typed or read.
        what: What it is, for the message.

    Raises:
        UserError: If it holds signs that no file can store.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(
            f"{what} holds a sign that cannot be stored",
            text.encode(errors="replace").decode(),
            "Type it again without that sign.",
        ) from error
    return text.strip()
