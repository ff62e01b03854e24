"""Which cells of the grid are measured: a stratified draw.

Each factor's levels are dealt out equally often, so that every mean over a level is a mean over as
many cells. Then values of one factor are exchanged between two cells wherever that makes the pairs
of levels (units with batch, kind with length, …) more even or takes a cell below the limit. Two
levels of a pair thus appear together equally often, as far as the limit allows.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from grid.cell import FACTORS, Cell, gflop

SEED = 24
GFLOP_LIMIT = 64.0  # of a drawn cell's training step: a second or two of the slowest participants
_EXCHANGES_PER_CELL = 400
_FORBIDDEN = 1e6  # cost of a cell over the limit, or of one that is drawn twice

_PAIRS = tuple(combinations(range(len(FACTORS)), 2))
_SIZES = tuple(len(levels) for levels in FACTORS.values())

Draw = NDArray[np.int64]  # (cells, factors): the number of a level


def draw_design(count: int, seed: int = SEED) -> list[Cell]:
    """Draw `count` different cells in random order; the same ones for the same seed.

    A cell whose training step has more than GFLOP_LIMIT operations is left out.
    """
    rng = np.random.default_rng(seed)
    draw = np.stack([_dealt(size, count, rng) for size in _SIZES], axis=1)
    cost = _unevenness(draw)
    for _ in range(_EXCHANGES_PER_CELL * count if count > 1 else 0):
        factor = rng.integers(len(FACTORS))
        one, other = rng.choice(count, 2, replace=False)
        if draw[one, factor] == draw[other, factor]:
            continue
        draw[[one, other], factor] = draw[[other, one], factor]
        new_cost = _unevenness(draw)
        if new_cost <= cost:
            cost = new_cost
        else:
            draw[[one, other], factor] = draw[[other, one], factor]
    return [cell for cell in dict.fromkeys(map(_cell, draw)) if gflop(cell) <= GFLOP_LIMIT]


def _dealt(levels: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Every level equally often, those of the remainder once more, in random order."""
    whole = np.repeat(np.arange(levels), count // levels)
    rest = rng.permutation(levels)[: count % levels]
    return rng.permutation(np.concatenate([whole, rest]))


def _unevenness(draw: Draw) -> float:
    """Squared distances of all pairs' counts from an equal share, and what is forbidden."""
    cost = 0.0
    for a, b in _PAIRS:
        counts = np.bincount(draw[:, a] * _SIZES[b] + draw[:, b], minlength=_SIZES[a] * _SIZES[b])
        cost += float(np.square(counts - len(draw) / counts.size).sum())
    cells = [_cell(row) for row in draw]
    too_large = sum(gflop(cell) > GFLOP_LIMIT for cell in cells)
    return cost + _FORBIDDEN * (too_large + len(cells) - len(set(cells)))


def _cell(row: Sequence[int]) -> Cell:
    return Cell(*(levels[at] for levels, at in zip(FACTORS.values(), row, strict=True)))
