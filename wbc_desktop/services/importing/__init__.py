"""Importing: a dry run that shows what would happen, then the import, patient by patient.

``planning.read_plan`` scans the files (``scan``), reads folders as patients and slides
(``path_rules``) and finds what is there already (``duplicates``); ``execution`` writes crops and
yields commands, which one thread records. ``label_import`` takes labels from a CSV into cells that
are there. To understand one more layout of folders, add a rule to ``path_rules``; to read another
kind of file, see ``store.sources``.
"""
