"""The documents of a cell: indices as frequent as words, lengths as those of film reviews."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grid.cell import WORDS, Cell

BATCHES = 4  # different ones, taken in turn
# The 25,000 training reviews of the IMDB data: the logarithm of the number of words is about
# normal, with the median 177 and the deviation 0.65. Texts cut at 500 words have 0.35 of that
# length; other cells get the same share of their length.
MEDIAN_SHARE, DEVIATION = 0.35, 0.65


def draw_lengths(cell: Cell, rng: np.random.Generator) -> NDArray[np.int64]:
    """Number of words of each document, (BATCHES, batch), 1 to the cell's length."""
    drawn = (
        MEDIAN_SHARE * cell.length * np.exp(DEVIATION * rng.standard_normal((BATCHES, cell.batch)))
    )
    return np.clip(np.rint(drawn), 1, cell.length).astype(np.int64)


def draw_documents(cell: Cell) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Indices (BATCHES, batch, length) and the lengths; the same for the same cell.

    A word's frequency falls with its rank (Zipf's law). Padding (0) follows the words where a mask
    leaves it out, and precedes them otherwise, as in `pad_sequences` by default.
    """
    rng = np.random.default_rng(0)
    lengths = draw_lengths(cell, rng)
    chances = 1 / np.arange(1, WORDS)
    shape = (BATCHES, cell.batch, cell.length)
    words = 1 + rng.choice(WORDS - 1, shape, p=chances / chances.sum())
    steps = np.arange(cell.length) if cell.masked else np.arange(cell.length)[::-1]
    return np.where(steps < lengths[..., None], words, 0).astype(np.int32), lengths


def write_inputs(path: Path, cell: Cell) -> None:
    """Write `batches`, their `lengths` and the `targets` (BATCHES, batch, 1) to an .npz file."""
    batches, lengths = draw_documents(cell)
    targets = np.random.default_rng(1).integers(0, 2, (*batches.shape[:2], 1)).astype(np.float32)
    np.savez(path, batches=batches, lengths=lengths, targets=targets)
