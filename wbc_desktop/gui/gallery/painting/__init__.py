"""How the gallery looks: ``scene_painter`` paints what is in view, and asks the others.

``tile_painter`` paints a cell, ``header_painter`` the header of a group, ``empty_classes`` the
chips at the end, ``marks`` the small signs; ``style`` holds fonts, colours and sizes,
``interaction`` what the person holds just now. To add a sign, draw it in ``marks`` and place it in
``tile_painter``.
"""
