"""Steps from an older schema to a newer one, run by Alembic.

To add a step: a module in ``versions`` named after its revision, and the revision in
``schema.REVISIONS``. Steps never import ``schema``: it moves on, they stay.
"""
