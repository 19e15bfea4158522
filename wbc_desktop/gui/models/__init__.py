"""The models room: which model classifies the cells, and the list of all models.

Begin with ``active_model_controller`` (promote, roll back) and ``classify_controller`` (classifies
in a worker). The dialog shows values only; ``models_controller`` fills it. To say one more thing of
a model, add a column to ``models_dialog`` and fill it in ``models_controller.table_row``.
"""
