"""The input room."""
