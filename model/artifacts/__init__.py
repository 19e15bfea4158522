"""The artifacts room."""
