"""What the network saw of cells, kept as a cache: which cells have it, and what is made from it.

Read ``workspace_embeddings`` first: the embeddings of a workspace as far as they are stored.
``embedding_fill`` stores them, ``similarity`` compares cells, ``clusters`` and ``projection`` are
made from that. One more view of embeddings: a function of a ``Similarity``, as these two are.
"""
