"""Exports: CSV files of a workspace, and the labels that come back from them.

One file per kind of export: ``cells_csv``, ``differential_csv``, ``audit_csv``. ``csv_text`` is
the one dialect they share and ``labels_csv`` reads it back. To add an export, write its header and
rows, name it in ``exporting.What``, and explain its columns in ``docs/csv.md``.
"""
