"""Exports: CSV files of a workspace, and the labels that come back from them.

One file per kind of export: ``cells_csv``, ``differential_csv``, ``audit_csv``. ``csv_text`` is
the one dialect they share and ``labels_csv`` reads it back. To add an export, write a function
that yields its rows, and name it in ``exporting.EXPORTS``; the columns are documented in
``docs/csv.md``.
"""
