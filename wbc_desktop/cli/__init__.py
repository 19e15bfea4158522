"""The command line ``wbc``: the whole job without a screen, for people and for scripts.

``verbs`` declares the verbs and their options, ``jobs`` does their work with the services, and
``output`` prints for people or machines. Exit codes: 0 done, 1 an error of the user's, told on one
line of stderr, 2 a wrong command line.
"""

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from wbc_desktop.cli.verbs import app
from wbc_desktop.services.training.job_process import is_job_process, run_job

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run ``wbc`` and exit.

    Args:
        arguments: Command line without the program's name; that of the process if left out.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name may hold what the terminal cannot show; that must not end the job.
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else [*arguments]
    if is_job_process(given):  # a frozen program starts itself to train a model
        raise SystemExit(run_job(given))
    app(args=None if arguments is None else list(arguments), prog_name="wbc")
    raise SystemExit(0)
