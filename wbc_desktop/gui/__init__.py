"""The window: the only floor with Qt.

Views hold cell ids and repaint what a ``Changes`` names. Controllers are plain classes that turn a
gesture into a command of the session. ``tasks`` is the only way from a thread to Qt, ``dialogs``
the only place that stops the reader with a question, ``actions`` the only table of commands.
"""
