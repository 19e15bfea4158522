"""The gallery: all shown cells in groups, painted by arithmetic, without a widget per cell.

- ``layout``     where each tile and header lies; pure numbers
- ``model``      the index and the arrangement as the gallery reads them
- ``selection``  which cells are selected, which one has the focus
- ``thumbnails`` crops at tile size, decoded in workers, bounded
- ``marks``, ``tile_painter``, ``header_painter``, ``strip_painter``  how it looks
- ``canvas``     the scroll area that puts these together and keeps its place
- ``keyboard``, ``pointer``, ``dragging``, ``spoken``  how a person acts on it and hears it
- ``view``       ``GalleryView``, the one class other rooms use

To show one more fact on a tile, add it to ``model.Face``, which is the key of the cached caption,
and paint it in ``tile_painter``.
"""
