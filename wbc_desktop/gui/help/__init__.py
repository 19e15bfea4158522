"""The help room."""
