"""What a person says of cells, and in which order cells are worth a look; rules without a window.

``review`` holds a review and its status; ``queue`` chooses and orders the cells to look at,
``queue_progress`` keeps the reader's position in it, ``group_accept`` says what accepting a whole
group would do. One more reason to look at a cell: a ``Reason`` in ``queue``, with its weight.
"""
