"""Everything on disk: the workspace's SQL, its crops, and the files crops are read from.

The only floor with SQL, HDF5 and image decoding. ``Workspace`` is the way in; reads are in
``Catalogue``, writes in ``Transaction``. To store one more noun: a table in ``schema``, the same
table in a new migration, reads in the ``…_reads`` module of that noun, writes in ``Transaction``.
"""
