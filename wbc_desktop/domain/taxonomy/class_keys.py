"""Keys that classes may have: all single keys that no command of the window needs."""

CLASS_KEYS = tuple("1234567890BDIJKLMOTUWXY")
"""In the order in which a new class is offered one."""
