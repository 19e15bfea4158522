"""Where the frozen ``wbc`` begins. A job started from it runs in this program, too."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["--job"]:
        from wbc_desktop.__main__ import main as run_job

        sys.exit(run_job())
    from wbc_desktop.cli import main

    main()
