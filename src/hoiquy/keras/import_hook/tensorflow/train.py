"""Names of `tensorflow.train`."""

from os import PathLike, fspath
from pathlib import Path
from typing import Any

from hoiquy.keras.saving.latest import latest_checkpoint as _latest

__all__ = ["latest_checkpoint"]


def latest_checkpoint(checkpoint_dir: str | PathLike[str], latest_filename: Any = None) -> Any:
    """The path of the weights that `save_weights` wrote last into a folder, without an ending.

    Args:
        checkpoint_dir: The folder.
        latest_filename: Has no effect: the file is named checkpoint.

    Returns:
        The path, or None if there is none.
    """
    return _latest(Path(fspath(checkpoint_dir)))
