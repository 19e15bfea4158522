"""The models room: which models a workspace has, and which one classifies its cells.

Begin with ``registry``. ``candidates`` evaluates and takes in what a job made, ``promotion`` makes
a model the active one, ``comparison`` puts two side by side, and ``model_file`` exports and imports
one. To say one more thing of a model, add a field to ``registry.ModelEntry``.
"""
