"""Where the figures go that a program shows with matplotlib, which is not imported here."""

import os
import sys
from itertools import count
from pathlib import Path

from hoiquy.errors import WriteError
from hoiquy.keras.messages import print_note

_BACKEND = "module://hoiquy.keras.runner.figure_backend"

_folder: Path | None = None
_numbers = count(1)


def choose_backend(folder: Path | None) -> None:
    """Have matplotlib save shown figures in the folder, or neither wait nor fail without display.

    Where there is a display, or MPLBACKEND is set, matplotlib stays as it is without a folder.
    """
    global _folder
    _folder = folder
    if folder is not None:
        os.environ["MPLBACKEND"] = _BACKEND
    elif not _has_display():
        os.environ.setdefault("MPLBACKEND", _BACKEND)


def are_saved() -> bool:
    """Whether shown figures are saved, and closed like a window is."""
    return _folder is not None


def next_file() -> Path:
    """The file of the next figure, in a folder that exists; says where on standard error.

    Raises:
        WriteError: If the folder cannot be made.
    """
    assert _folder is not None
    try:
        _folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"--figures {_folder}: {error.strerror or error}") from error
    file = _folder / f"figure-{next(_numbers)}.png"
    print_note(f"figure saved in {file}")
    return file


def show_after_cell() -> None:
    """Show what a cell of a notebook has drawn, as Jupyter does at the end of each cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if are_saved() and pyplot is not None and pyplot.get_fignums():
        pyplot.show()


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
