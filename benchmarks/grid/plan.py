"""All cells in order, within the minutes allowed."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grid.cell import FIXED, Cell, gflop
from grid.design import draw_design
from grid.measure import CellResult, GridCase, GridWorkers, measure_cell
from grid.participants import SGEMM
from grid.results import GridResults, ratio_of, sgemm_share

CELLS, MINUTES = 60, 40.0
_PREDICTED = 3  # every third cell is also measured in prediction


@dataclass(frozen=True)
class Planned:
    """A cell, whether it is drawn, and what is measured."""

    cell: Cell
    drawn: bool
    whats: tuple[str, ...]


def plan_cells(count: int) -> list[Planned]:
    """The fixed cells, then `count` drawn ones in random order.

    A run that ends early has thus measured a random part of the drawn cells.
    """
    cells = [(cell, False) for cell in FIXED] + [(cell, True) for cell in draw_design(count)]
    return [
        Planned(
            cell,
            drawn,
            ("step", "predict") if number % _PREDICTED == 0 else ("step",),
        )
        for number, (cell, drawn) in enumerate(cells)
    ]


def plan_layers(planned: Sequence[Planned]) -> list[Planned]:
    """The first layers of the fixed cells, and of those drawn cells that predict, each once."""
    chosen = [one for one in planned if not one.drawn or "predict" in one.whats]
    cells = {one.cell.one_layer(): one.drawn for one in reversed(chosen)}
    return [Planned(cell, drawn, ("layer",)) for cell, drawn in reversed(cells.items())]


def measure_grid(
    planned: Sequence[Planned],
    workers: GridWorkers,
    results: GridResults,
    deadline: float,
    save: Callable[[], None],
) -> None:
    """Measure the cells into `results`; start none that would not end before the deadline.

    Args:
        planned: The cells in order.
        workers: Those of all participants.
        results: Gets what is measured.
        deadline: Of `time.monotonic`.
        save: Called after each cell, so that a killed run keeps the others.

    Raises:
        HoiquyError: If hoiquy itself fails.
    """
    slowest = 0.0
    for number, one in enumerate(planned, start=1):
        left = deadline - time.monotonic()
        if left < slowest:
            print(
                f"The time is over (--minutes): {len(planned) - number + 1} cells not measured",
                file=sys.stderr,
            )
            return
        print(
            f"{number}/{len(planned)} {one.cell.label} ({gflop(one.cell):.1f} GFLOP), "
            f"{left / 60:.0f} minutes left",
            end=": ",
            file=sys.stderr,
            flush=True,
        )
        found = [CellResult(GridCase(what, one.cell, one.drawn)) for what in one.whats]
        results.cells += found
        cell_begin = time.monotonic()
        measure_cell(one.cell, found, workers)
        slowest = max(slowest, time.monotonic() - cell_begin)
        for result in found:
            print(summary(result), file=sys.stderr)
        save()


def summary(result: CellResult) -> str:
    """One measured cell in one line."""
    own, *peers = result.participants
    parts = [f"{result.case.what}: hoiquy {own.spread().median:,.2f} ms"]
    for peer in peers:
        ratio = ratio_of(result, peer.name)
        if peer.name != SGEMM:
            parts.append(f"{peer.title} {f'{ratio.median:.2f}×' if ratio else peer.problem}")
    share = sgemm_share(result)
    return "; ".join(parts) + (f"; {share.median:.0%} of sgemm" if share else "")
