"""The file `checkpoint` beside weights without an ending, which names the latest of them.

TensorFlow writes it, and `tf.train.latest_checkpoint` reads it.
"""

import re
from pathlib import Path

from hoiquy.system.atomic_write import write_bytes
from hoiquy.system.bounded_read import read_regular_file

NAME = "checkpoint"
_MOST_BYTES = 2**20
_PATH = re.compile(r'^model_checkpoint_path: "(.*)"$', re.MULTILINE)


def name_latest(path: Path) -> None:
    """Write that weights at `path` are the latest of their folder. Raises WriteError."""
    name = path.name.replace("\\", "\\\\").replace('"', '\\"')
    lines = f'model_checkpoint_path: "{name}"\nall_model_checkpoint_paths: "{name}"\n'
    write_bytes(path.with_name(NAME), lines.encode())


def latest_checkpoint(folder: Path) -> str | None:
    """The path of the latest weights of a folder; None where no such file names any."""
    try:
        text = read_regular_file(folder / NAME, _MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
    found = _PATH.search(text)
    if found is None:
        return None
    path = folder / found[1].replace('\\"', '"').replace("\\\\", "\\")
    return str(path) if path.exists() or path.with_name(f"{path.name}.index").exists() else None
