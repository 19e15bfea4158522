"""Everything a reader can do: the table of actions, its keys, menus, palette and help.

Its way in is ``actions``, the one table. ``action_binding`` makes Qt actions, menus and the toolbar
of it, ``handlers`` says what each does on the open workspace, ``availability`` why it cannot be
done just now. ``key_map`` says which key belongs to what; ``keys_dialog`` changes that, and
``shortcuts_dialog`` shows it. ``command_palette`` finds any command by a few letters of its words
(``command_list``).

To add an action, add a row to the module of its menu in ``actions`` and a line to ``handlers``; if
it is not always possible, one to ``availability``. Menu, palette, tooltip and help follow.
"""
