"""The system packages the tests need beyond Python, and which of them are missing here."""

import functools
import shutil

QT_PACKAGES = (
    "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libfreetype6 libglib2.0-0 libzstd1"
)
JOURNEY_PACKAGES = "xvfb openbox xdotool libxcb-cursor0 libxkbcommon-x11-0 fonts-dejavu-core"


@functools.cache
def missing_qt() -> str:
    """Return why Qt cannot be loaded and what to install, or the empty string."""
    try:
        import PySide6.QtWidgets  # noqa: F401 - loading it is the question
    except ImportError as error:
        return f"Qt does not load ({error}): apt-get install {QT_PACKAGES}"
    return ""


@functools.cache
def missing_display_tools() -> str:
    """Return which programs a journey lacks and what to install, or the empty string."""
    if qt := missing_qt():
        return qt
    absent = [name for name in ("Xvfb", "openbox", "xdotool") if shutil.which(name) is None]
    if not absent:
        return ""
    return f"no {', '.join(absent)} here: apt-get install {JOURNEY_PACKAGES}"
