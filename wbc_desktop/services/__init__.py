"""What the program can do: import, classify, review, export, verify.

The only floor that calls ``model``. Nothing here knows a window or a terminal. A new use case is a
module of its own; if it changes the workspace, it does so by a command through ``Session``.
"""
