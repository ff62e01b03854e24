"""The chart of a run: bars of training steps."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from hoiquy.report.plotting import save_figure, theme
from peers.results import HOIQUY, CaseResult, Participant, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# of seaborn's "deep": distinct for colour-blind readers and, with the hatching, in grey
_COLOURS = {
    HOIQUY: "C0",
    "keras-tensorflow": "C4",
    "keras-jax": "C3",
    "torch": "C2",
}
_GAP = 0.9  # between groups of bars, in bars


def draw_chart(results: Results, path: Path) -> None:
    """Draw a group of bars for each training case, if any was measured."""
    found = results.of("training")
    if not found:
        return
    width = max(7.0, 1.2 + 0.42 * len(found) * (len(results.titles()) + _GAP))
    with theme():
        figure = Figure(figsize=(width, 5.0), dpi=140, layout="constrained")
        axes = figure.subplots()
        _draw_groups(axes, found)
        axes.set_ylabel("milliseconds per training step")
        axes.set_title(
            "One training step: lower is better (×: time relative to hoiquy)", fontweight="bold"
        )
        _draw_legend(figure, axes)
        save_figure(figure, path)


def _draw_groups(axes: "Axes", found: Sequence[CaseResult]) -> None:
    """Bars of each case side by side; whiskers are the lowest and highest round.

    A peer's bar with the cut embedding covers the one with the full embedding: what is visible
    above it is the cost of the unreachable rows.
    """
    ticks, left = [], 0.0
    for result in found:
        names = list(dict.fromkeys(one.name for one in result.participants))
        for number, name in enumerate(names):
            variants = [one for one in result.participants if one.name == name]
            for one in variants:
                covered = one is variants[0] and len(variants) > 1
                _draw_bar(axes, result, one, left + number, covered, one is not variants[0])
        ticks.append(left + (len(names) - 1) / 2)
        left += len(names) + _GAP
    axes.set_xticks(ticks, [result.case.label for result in found])
    axes.grid(visible=False, axis="x")
    axes.margins(x=0.02)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.06)


def _draw_bar(
    axes: "Axes", result: CaseResult, one: Participant, at: float, covered: bool, covers: bool
) -> None:
    """One bar with its ratio above it, or at its top if it covers another one."""
    middle, low, high = one.spread()
    axes.bar(
        at, middle, width=0.92, color=_COLOURS[one.name], alpha=0.5 if covered else 1.0,
        hatch="////" if covered else None, edgecolor="white", linewidth=0.6,
        label="_" if covered else one.title,
        yerr=None if covers else [[middle - low], [high - middle]],
        error_kw={"elinewidth": 1.0, "ecolor": "0.25", "capsize": 2},
    )  # fmt: skip
    if one.name != HOIQUY:
        ratio = result.ratio(one).median
        decimals = 2 if ratio < 0.995 else 1 if ratio < 9.95 else 0  # two significant digits
        axes.annotate(
            f"{ratio:.{decimals}f}×", (at, middle if covers else high), (0, -4 if covers else 3),
            textcoords="offset points", ha="center", va="top" if covers else "bottom",
            fontsize=9, color="white" if covers else "0.15",
        )  # fmt: skip


def _draw_legend(figure: Figure, axes: "Axes") -> None:
    """One legend below the figure, each label once."""
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    if any(patch.get_hatch() for patch in axes.patches):
        once["embedding rows that no index reaches"] = Patch(
            facecolor="0.6", alpha=0.5, hatch="////", edgecolor="white"
        )
    figure.legend(
        list(once.values()), list(once), loc="outside lower center", ncols=min(len(once), 3),
        fontsize=10,
    )  # fmt: skip
