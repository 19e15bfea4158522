"""Cells beside other cells: selected ones side by side, and reference cells of a class.

Read ``compare_controller`` for two to eight cells in the place of the gallery: ``compare_view``
holds panes, ``shared_viewport`` the zoom they share. Read ``reference_controller`` for the strip of
reference cells below, the reader's own and rendered ones, and for what changes the library.

One more line below a compared cell: ``CompareCaption`` in ``compare_pane``. One more kind of
reference cell: give its ``ReferenceEntry`` in ``reference_controller``.
"""
