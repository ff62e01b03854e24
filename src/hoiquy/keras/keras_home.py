"""Keras' folder for downloaded files, where its users have their data."""

import os
import tempfile
from pathlib import Path


def keras_home() -> Path:
    """Return `$KERAS_HOME`, or ~/.keras. It may not exist."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def writable(folder: Path) -> Path:
    """Return the folder, or, if it cannot be written to, .keras in the temporary folder."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    return folder if os.access(existing, os.W_OK) else Path(tempfile.gettempdir()) / ".keras"
