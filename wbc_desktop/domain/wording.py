"""Small pieces of English that many messages share."""


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: "1 cell", "1,234 cells".

    Args:
        n: How many.
        noun: In the singular; its plural ends in s.
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
