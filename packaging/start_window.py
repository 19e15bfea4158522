"""Where the frozen ``wbc-desktop`` begins."""

import sys

from wbc_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
