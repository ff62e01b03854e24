"""The picture of the grid: a panel for each peer, the colour the logarithm of the ratio."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from grid.cell import FACTORS
from grid.measure import CellResult
from grid.results import GridResults
from hoiquy.report.plotting import save_figure, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 4.0  # ratio of the darkest colour; 1 is white, 1/4 the darkest on the other side
_DARK = 2.2  # beyond this ratio, or below its inverse, numbers are white
_KINDS = FACTORS["kind"]
_LENGTHS = [(masked, length) for masked in FACTORS["masked"] for length in FACTORS["length"]]


def draw_heat_map(results: GridResults, path: Path) -> None:
    """Draw the training steps, if any was measured: drawn cells by level, each fixed cell."""
    drawn = results.of("step", lambda one: one.case.drawn)
    fixed = results.of("step", lambda one: not one.case.drawn)
    peers, titles = results.peers("step"), results.titles()
    if not peers or not (drawn or fixed):
        return
    with theme():
        heights = (5.0, 3.4, 0.8 + 0.5 * len(peers))
        size = (max(8.0, 1.0 + 3.1 * len(peers)), 1.0 + sum(heights) * 0.78)
        figure = Figure(figsize=size, dpi=130, layout="constrained")
        grid = figure.add_gridspec(3, len(peers), height_ratios=heights)
        for number, name in enumerate(peers):
            top, bottom = (figure.add_subplot(grid[row, number]) for row in (0, 1))
            _draw_panel(top, _by_units_and_batch(results, name, drawn), titles[name])
            _draw_panel(bottom, _by_kind_and_length(results, name, drawn))
            _label(top, bottom, first=number == 0)
        _draw_fixed(figure.add_subplot(grid[2, :]), results, peers, fixed)
        figure.suptitle(
            "Training step: a peer's time as a multiple of hoiquy's (blue: hoiquy is faster)\n"
            "geometric means of the drawn cells; at the bottom, the fixed cells",
            fontweight="bold",
        )
        save_figure(figure, path)


def _draw_fixed(
    axes: "Axes", results: GridResults, peers: Sequence[str], fixed: Sequence[CellResult]
) -> None:
    """A row for each peer, a column for each fixed cell."""
    ratios = [[_mean(results, name, [one]) for one in fixed] for name in peers]
    _draw_panel(axes, np.array(ratios).reshape(len(peers), len(fixed)))
    labels = [one.case.label.replace(", ", "\n") for one in fixed]
    axes.set_xticks(range(len(fixed)), labels)
    axes.set_yticks(range(len(peers)), [results.titles()[name] for name in peers])


def _by_units_and_batch(results: GridResults, name: str, drawn: Sequence[CellResult]) -> Any:
    def mean(units: int, batch: int) -> float:
        found = [
            one for one in drawn if (one.case.cell.units, one.case.cell.batch) == (units, batch)
        ]
        return _mean(results, name, found)

    return np.array([[mean(u, b) for b in FACTORS["batch"]] for u in FACTORS["units"]])


def _by_kind_and_length(results: GridResults, name: str, drawn: Sequence[CellResult]) -> Any:
    def mean(kind: str, masked: bool, length: int) -> float:
        wanted = (kind, masked, length)
        cells = [(one, one.case.cell) for one in drawn]
        found = [one for one, cell in cells if (cell.kind, cell.masked, cell.length) == wanted]
        return _mean(results, name, found)

    return np.array([[mean(kind, *at) for at in _LENGTHS] for kind in _KINDS])


def _mean(results: GridResults, name: str, cells: Sequence[CellResult]) -> float:
    mean = results.mean(name, cells)
    return np.nan if mean is None else mean.ratio


def _draw_panel(axes: "Axes", ratios: Any, title: str = "") -> None:
    """Colours and numbers; cells without a measurement stay empty."""
    if ratios.size:
        axes.imshow(ratios, cmap="RdBu", norm=LogNorm(1 / _MOST, _MOST), aspect="auto")
    for (row, column), ratio in np.ndenumerate(ratios):
        if np.isfinite(ratio):
            dark = ratio > _DARK or ratio < 1 / _DARK
            text = f"{ratio:.2f}" if ratio < 9.95 else f"{ratio:.0f}"
            axes.text(
                column, row, text, ha="center", va="center", fontsize=10,
                color="white" if dark else "0.15",
            )  # fmt: skip
    axes.grid(visible=False)
    axes.set_title(title, fontsize=12)


def _label(top: "Axes", bottom: "Axes", first: bool) -> None:
    """Levels beside the panels; those of the rows only beside the first ones."""
    units, batches = FACTORS["units"], FACTORS["batch"]
    top.set_xticks(range(len(batches)), [str(batch) for batch in batches])
    top.set_yticks(range(len(units)), [str(size) if first else "" for size in units])
    top.set_xlabel("batch")
    top.set_ylabel("units" if first else "")
    bottom.set_xticks(range(len(_LENGTHS)), [str(length) for _, length in _LENGTHS])
    bottom.set_yticks(range(len(_KINDS)), [kind if first else "" for kind in _KINDS])
    bottom.axvline(len(FACTORS["length"]) - 0.5, color="white", linewidth=4)
    bottom.set_xlabel("length: padded | masked")
