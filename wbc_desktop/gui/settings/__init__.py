"""The settings dialog, the theme at run time, and the reader's name.

Begin with ``settings_controller``. One more setting is a row in ``wbc_desktop/settings.py``: the
dialog makes its line from it (``setting_row``). What is to be seen at once is said in ``_apply``.
"""
