"""The embeddings room."""
