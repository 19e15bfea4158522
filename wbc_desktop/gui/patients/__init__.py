"""The patients room."""
