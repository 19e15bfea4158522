"""Which cells are shown, in what order, in which groups; and the filter that a reader types.

Read ``arrangement`` first: it filters by a ``cell_filter``, orders by ``sorting`` and groups by
``grouping``, all on the numpy columns of ``domain/cells/cell_index``. The typed text of a filter is
read and written by ``text``: ``syntax`` takes it apart, ``names`` knows what can be named, and each
condition is one row of the table in ``keys``; most kinds of rows are in ``choice_keys``.

To add a condition, add its field to ``Filter`` and its row to ``KEYS``; an order, add it to
``SortKey``; groups, add them to ``GroupBy``. Tests fail while a part is missing.
"""
