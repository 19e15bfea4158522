"""Everything on disk: the workspace's SQL, its crops, and the files crops are read from.

The way in is ``workspace.Workspace``: ``catalogue`` reads (one class for each noun), ``atomic``
opens the ``transaction`` that writes, ``crops`` holds the pictures. ``sources`` finds crops
elsewhere and never writes there. A table more: ``schema``, a migration in ``migrations``, a read in
``catalogue`` and a write in ``transaction``.
"""
