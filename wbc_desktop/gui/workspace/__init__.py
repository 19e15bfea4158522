"""Which workspace is open: the welcome page, recent workspaces, dropped paths, the demo patient.

Begin with ``workspace_opener``, which decides what becomes of what is named, dropped or chosen;
``path_sorting`` tells a workspace from what can be imported, ``workspace_folders`` names folders
for people. One more kind of file to import: ``IMPORTABLE`` in ``path_sorting``. One more way to
begin: ``_WAYS`` in ``welcome``.
"""
