"""The panel at the right: the chosen cell, large, with what model and people have said of it.

Read ``inspector_controller`` first: it fills the panel, the facts at once, crop, evidence map and
nearest labelled cells from workers. ``cell_inspector`` lays out the sections, ``crop_panel`` the
crop with what changes how it is shown; ``cell_texts`` has the words.

One more section: a widget in a ``CollapsibleSection`` of ``CellInspector``. One more line of facts:
``FACTS`` and ``facts`` in ``cell_texts``. One more way to show the crop: ``CropPanel``, which must
say that the crop is not shown as it is.
"""
