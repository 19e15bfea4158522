"""The training room: from the labels of a workspace to an evaluated model, in one panel.

Begin with ``training_controller``. ``training_offer`` counts what can be learned, ``job_monitor``
prepares, watches and evaluates a job, ``training_presenter`` decides what the panel shows of it,
``training_text`` has the words. The widgets (``training_panel``, ``evaluation_panel``,
``training_curves``) show plain values (``view_models``) and know no job. To show one more step of
a training, add a method to ``TrainingPresenter``.
"""
