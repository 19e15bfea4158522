"""What the network saw of the cells, at the window: similar cells, clusters, the embedding map.

Read ``embedding_controller`` first: it computes missing embeddings and then does what was asked.
``similar_cells`` arranges the gallery by similarity or cluster, ``map_controller`` fills the map
(``map_panel`` around ``map_plot``; ``map_points`` and ``map_raster`` are numpy without widgets).

One more thing that needs embeddings: call ``EmbeddingController.with_embeddings``. One more colour
of the map: see ``map_points``; one more mark: see ``map_raster``.
"""
