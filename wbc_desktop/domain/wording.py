"""Small pieces of English that many messages share."""


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: "1 cell", "1,234 cells".

    Args:
        n: How many.
        noun: In the singular; its plural ends in s.
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def capitalised(text: str) -> str:
    """Return a text with a capital at its start, the rest as it is: names keep theirs."""
    return text[:1].upper() + text[1:]
