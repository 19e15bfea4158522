"""The training room: from the labels of a workspace to an evaluated model.

A training walks through the modules in this order: ``readiness`` (are there labels enough),
``training_snapshot`` (freezes them), ``jobs`` (launches, evaluates and records the job), and
``job_process`` (the process that runs ``model/jobs``). ``job_folder`` reads what it leaves behind.
What comes of the new model is up to ``services/models``. To add a kind of training, add it to
``JobKind`` and to ``model/jobs/run_job.py``.
"""
