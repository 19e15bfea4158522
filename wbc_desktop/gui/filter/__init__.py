"""What the reader asks to see: filter, groups, order, saved views.

Its way in is ``filter_controller``: whatever the reader touches asks it, and every view shows what
the browser of the gallery then says. ``filter_bar`` is the strip above the gallery: buttons
(``filter_controls``), the box to type in (``filter_box``) and the chips (``filter_chips``).
``view_bar`` holds groups, order and tile size; ``saved_views`` keeps all of it under a name.

To add a condition, see ``domain/filter``: chips and completion follow. A button of its own is one
more row of ``filter_controls``; groups and orders are rows of ``commands/actions/arrange_menu``.
"""
