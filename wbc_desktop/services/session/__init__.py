"""The one door through which a workspace is changed, and the commands that go through it.

The way in is ``session.Session``: ``do`` for a command of a person, ``record`` for one of the
program. ``commands`` says what a command is and holds those about labels; ``attribute_commands``,
``reference_commands``, ``taxonomy_commands`` and ``system_commands`` hold the others. To add one,
write a frozen dataclass of ids beside its like; if it can be undone, ``edit_writes`` must write its
field and ``domain.audit.replay`` rebuild it.
"""
