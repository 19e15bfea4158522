"""Exports: CSV files of a workspace, training sets, and the report.

The way in is ``exporting``; ``cells_csv``, ``differential_csv`` and ``training_set`` say what
stands in a file, ``csv_text`` is the one dialect, ``output_files`` puts whole files in
place, ``report`` makes the HTML page from a template. To add an export, write its header and rows,
name it in ``export_kind.ExportKind``, and explain its columns in ``docs/csv.md``.
"""
