"""The rules of the field, in frozen dataclasses and arithmetic: no files, no SQL, no Qt.

``taxonomy``: the classes; ``cells``: what is known of cells, as columns; ``filter``: which are
shown; ``review``: what people say and what to look at first; ``audit``: the log of it;
``training``: what a model learns from and when it may replace another. Start with
``taxonomy.classes`` and ``cells.cell_index``. A rule goes into the room whose words it uses; what
needs a file goes to ``store``.
"""
