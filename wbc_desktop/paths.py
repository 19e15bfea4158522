"""Where files live: the user's folders, and the resources that ship with the program."""

import sys
from pathlib import Path

import platformdirs

APP_NAME = "wbc-desktop"


def config_dir() -> Path:
    """Return the folder of the settings file."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def log_dir() -> Path:
    """Return the folder of the log files."""
    return Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))


def default_workspace() -> Path:
    """Return the workspace that is used when none is named."""
    return Path(platformdirs.user_documents_dir()) / "WBC Desktop"


def resources_dir() -> Path:
    """Return the folder of icons, models and manual: in a frozen app, a wheel or a checkout.

    Raises:
        FileNotFoundError: If the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    places = [here / "_resources", here.parent / "resources"]
    if bundle is not None:
        places.insert(0, Path(bundle) / "resources")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"no resources folder beside {here}")


def models_dir() -> Path:
    """Return the folder that holds the one shipped model."""
    return resources_dir() / "models"
