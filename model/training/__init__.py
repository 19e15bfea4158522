"""Training: from a folder of labelled crops to a shipped model folder.

Read `train` first (the way from the manifest to the export), then `loop` (one step) and `config`
(every setting). `criterion` names the losses, `weight_averaging` what is shipped of the weights,
`compute` the devices, `checkpoint` how a run goes on, `evaluate` every score. One more setting: a
field of `config.TrainConfig`. One more loss: see `criterion`.
"""
