"""The gallery: all shown cells in groups, painted by arithmetic, without a widget per cell.

- ``layout``     where each tile and header lies; pure numbers
- ``model``      the index and the arrangement as the gallery reads them
- ``scene``      both together in one ``style`` and width: what lies under a point, what is in view
- ``selection``  which cells are selected, which one has the focus; ``chooser`` changes it
- ``thumbnails`` crops at tile size, decoded in workers, bounded; ``wishes`` says which are needed,
  ``crop_loader`` reads them from the store
- ``scene_painter``, ``tile_painter``, ``header_painter``, ``strip``, ``marks``  how it looks
- ``area``, ``canvas``  the scroll area that shows scenes and keeps its place
- ``keyboard``, ``pointer``, ``drag``, ``drop_target``, ``edge_scroll``  how a person acts on it
- ``attention``  what the person looks at and holds just now; ``flash``  what an undo has changed
- ``view``       ``GalleryView``, the one class other rooms use

To show one more fact on a tile, add it to ``model.Face``, which is the key of the cached caption,
and paint it in ``tile_painter``.
"""
