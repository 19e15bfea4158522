"""The network: crops to embeddings (`backbone`, torch) to probabilities (`head`, numpy).

`network` joins both for training and averages the weights; `head_fit` fits a head on fixed
embeddings. Another backbone: see `backbone`.
"""
