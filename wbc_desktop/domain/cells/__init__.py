"""What is known of cells: where they are from, what the model said, and numbers drawn from it.

Read ``cell_index`` first: all cells of a workspace as numpy columns, which gallery, filters and
counts read. ``prediction`` and ``prediction_set`` say how probabilities become a class and a set,
``differential`` counts, ``slide_shift`` and ``expected_shares`` are about whole slides and
patients, ``evidence``, ``scale`` and ``stain_channels`` about the look at one crop.

To add a column, add it to ``CellIndex`` and ``_DTYPES`` and fill it in ``store``.
"""
