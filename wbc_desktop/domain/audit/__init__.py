"""The audit log as data: events, the edits they carry, what can be undone, and replay.

Read ``events`` first: an event is one line of the log, chained by hashes. ``edits`` is what a user
command changes, cell by cell, and how an event carries it; ``changes`` is what the views are told.
``undo_stacks`` derives from the events what a reader can undo and which acts are in effect,
``replay`` rebuilds what people said from the events alone, ``cell_payload`` reads of a long event
only what it says of one cell.

To record something new, add its type to ``EventType``; if a person can undo it, add its field to
``edits.Field``, and let ``replay`` rebuild it.
"""
