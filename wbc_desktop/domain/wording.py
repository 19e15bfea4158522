"""Small pieces of English that many messages share."""


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
