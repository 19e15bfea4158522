"""How compared cells are laid out: as few columns and rows as give the largest crops."""


def columns_for(n: int, *, width: int, height: int, caption: int) -> int:
    """Return the number of columns that gives the largest square crops.

    Where two numbers give the same, the smaller leaves fewer places empty or keeps rows short.

    Args:
        n: Panes, at least 1.
        width: Of the place for all panes.
        height: The same.
        caption: Height of each pane below its crop.
    """

    def side(columns: int) -> float:
        rows = -(-n // columns)
        return min(width / columns, height / rows - caption)

    def empty(columns: int) -> int:
        return -n % columns

    return max(range(1, n + 1), key=lambda columns: (side(columns), -empty(columns), -columns))


def neighbour(at: int, n: int, columns: int, *, right: int, down: int) -> int:
    """Return the pane beside another one; at the edge the pane itself.

    Args:
        at: Position of the pane.
        n: Panes.
        columns: Panes in a full row.
        right: Steps to the right, across the ends of rows; or 0.
        down: Rows down; or 0.
    """
    target = at + right + down * columns
    if down > 0 and target >= n and at // columns < (n - 1) // columns:
        return n - 1  # below is a place without a pane
    return target if 0 <= target < n else at
