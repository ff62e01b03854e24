"""Predictions of a model for the documents that it was not trained on, in its folder."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hoiquy.errors import RunError
from hoiquy.nn.losses import ONE_LABEL, Link, Logits
from hoiquy.runs.arrays import dump_arrays, parse_arrays
from hoiquy.system.checksummed_files import read_checksummed, read_manifest, write_checksummed

HELD_OUT = "held_out.safetensors"


def save_held_out(folder: Path, rows: NDArray[np.int64], logits: Logits, link: Link) -> None:
    """Write the rows of the documents and their logits. It completes a model."""
    arrays: dict[str, NDArray[Any]] = {"rows": rows, link.name: logits.astype(np.float32)}
    write_checksummed(folder, {HELD_OUT: dump_arrays(arrays)})


def load_held_out(folder: Path, documents: int, link: Link = ONE_LABEL) -> Logits | None:
    """The logits of all documents, NaN for those without; None of an unfinished model.

    Raises RunError if the file is damaged.
    """
    if not (folder / HELD_OUT).exists() or HELD_OUT not in read_manifest(folder):
        return None
    arrays = parse_arrays(read_checksummed(folder, HELD_OUT), str(folder / HELD_OUT))
    try:
        rows, logits = arrays["rows"], arrays[link.name]
        found = np.full((documents, logits.shape[1]), np.nan)
        found[rows] = logits
    except (KeyError, IndexError, ValueError) as error:
        raise RunError(f"{folder / HELD_OUT} is damaged: its arrays do not fit the data") from error
    return found
