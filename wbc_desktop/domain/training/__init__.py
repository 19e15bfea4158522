"""The training room: which labels train a model, and whether the new model is better.

``training_set`` and ``label_split`` choose and split labelled cells by the groups of
``cell_groups``; ``promotion_rule`` compares two models on the cells of ``paired_evaluation`` and
says it as an ``evaluation``; ``model_log`` rebuilds from the events which model is active. To add a
condition for promotion, see ``promotion_rule``.
"""
