"""Fine-tuning: the whole network to the labels of a site, as a job (`model.jobs`).

Read `finetune_job` first, then `cross_fitting` (one run without each fold, one on all), `loop` (the
losses of a step) and `batches` (what it is shown). `drift` moves the replay memory, `result` and
`backbone_export` write what is left behind. One more setting: a field of `config.FineTuneConfig`.
"""
