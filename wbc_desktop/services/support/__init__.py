"""The support room."""
