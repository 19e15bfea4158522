"""What was done: the list of steps (Edit > History), and the history of one cell in sentences.

Its way in is ``history_controller``, which reads steps in a worker (``services/session/history``),
shows their cells and takes them back; ``history_dialog`` is the list. ``history_text`` tells the
history of a cell; a new type of event is one more branch there.
"""
