"""The model library: the network, its training, and the predictor the application uses.

It knows nothing of the application. Start at `model.infer` to use a model, at `model.train` to make
one; `python -m model --help` is its command line.
"""
