"""WBC Desktop: review the white blood cells of a smear. For research use only.

The floors, from the top: ``__main__``, ``app`` and ``cli``, ``gui``, ``services``, ``store``,
``domain``, ``settings`` and ``paths``. A floor imports floors below it, never above; the
contracts in ``setup.cfg`` hold it to that. ``docs/architecture.md`` shows the whole house.
"""

__version__ = "0.1.0"

RESEARCH_USE_ONLY = "For research use only. Not for use in diagnostic procedures."
