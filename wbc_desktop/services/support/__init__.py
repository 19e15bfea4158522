"""What helps when something is in doubt: checks, logs, crash reports and the demo patient.

``verify`` compares a workspace with its audit log; to check one more thing, add a generator there.
``self_check`` runs the whole job once, for installations. ``logs`` and ``crash_reports`` write
nothing that names a person; whatever they write goes through ``redaction``.
"""
