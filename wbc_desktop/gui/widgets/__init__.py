"""Parts that several rooms use: theme, icons, labels, dialogs, strips; no room is known here.

Begin with ``theme``. A widget belongs here once a second room needs it, in a module of its own.
"""
