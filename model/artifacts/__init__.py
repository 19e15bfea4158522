"""The files of a model: its card, its arrays, its replay memory, and how it lies over another one.

Read `card` first (what a model folder says of itself), then `layered_model` (what a job makes over
a base) and `export` (a trained model in its shipped form). `bundle` is one file to send,
`replay_memory` what a model must not forget. Every file is written by `array_files`, whole or not
at all. One more file in a model: see `export` and `layered_model`.
"""
