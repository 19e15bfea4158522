"""Jobs: what the application lets a process of its own do, from a folder to a candidate in it.

Read `run_job` first (one job from its folder to its result), then `job_folder`, and `adapt_job` for
the quick one: `head_refit` fits the head, `paired_predictions` says what it is evaluated by,
`candidate_card` what its card tells. The slow one is `model.finetune`. One more kind of job: a line
in `run_job.dispatch`.
"""
