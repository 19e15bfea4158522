"""The uncertainty room."""
