"""The model library: the network, its training, and the predictor the application uses.

It knows nothing of the application. Start at `model.inference.predictor` to use a model, at
`model.training.train` to make one; `python -m model --help` is its command line.
"""
