"""Runs in the frozen program before anything of ours: what it starts is to find its own libraries.

The loader of the bundle is told by a variable where the bundled libraries lie. It has read it by
now. A browser that the program opens must not be told: it would load our libraries, not its own.
"""

import os

_VARIABLES = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH")

for _name in _VARIABLES:
    _before = os.environ.pop(f"{_name}_ORIG", None)
    os.environ.pop(_name, None)
    if _before is not None:
        os.environ[_name] = _before
