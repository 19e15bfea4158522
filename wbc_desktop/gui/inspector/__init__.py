"""The inspector room."""
