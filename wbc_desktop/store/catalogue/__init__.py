"""All reads of a workspace, one class for each noun; writes are in ``store/transaction.py``.

The way in is ``catalogue.Catalogue``, which every ``Workspace``, snapshot and transaction has. To
add a read, put a method into the class of its noun.
"""
