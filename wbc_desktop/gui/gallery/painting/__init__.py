"""The painting room."""
