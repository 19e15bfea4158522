"""The gallery: all shown cells in groups, painted by arithmetic, without a widget per cell.

Its way in is ``view``: ``GalleryView``, the one widget that the window uses. From there:

- ``cell_browser`` holds the cells in front of the reader: index, filter, order, groups
- ``model``        index and arrangement by position: what a caption says, counts of a group
- ``layout``       where every tile and header lies, from the groups alone
- ``scene``        model, layout and chips of empty classes at one width; what lies under a point
- ``area`` paints a scene and scrolls it, ``canvas`` shows arrangements, ``view`` adds the hands
- ``painting``     tiles, headers, chips, and what is selected, hovered or just changed
- ``input``        mouse, keyboard, drag and drop, all on one ``input.selector``
- ``thumbnails``   crops at tile size, decoded in workers, bounded; ``crop_loader`` reads them

To show one more fact on a tile, add it to ``model.TileCaption``, which is the key of the cached
caption, and paint it in ``painting.tile_painter``. To add a way to move by keys, see
``input.keyboard``; a reason why nothing is shown, ``cell_browser.why_empty``.
"""
