"""The rules of the field, in frozen dataclasses and arithmetic: no files, no SQL, no Qt."""
