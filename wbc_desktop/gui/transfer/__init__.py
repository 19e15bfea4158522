"""What comes into a workspace and what goes out: imports with their dry run, and exports.

Begin with ``import_controller`` or ``export_controller``. One more export: a title in ``_TITLES``
of ``export_controller``, an action in ``gui/commands``, and the writer in ``services/export``.
"""
