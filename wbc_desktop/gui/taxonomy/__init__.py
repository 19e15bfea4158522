"""The taxonomy room."""
