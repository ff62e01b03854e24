"""The picture of the judge: hoiquy's difference to the best baseline of each set."""

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from hoiquy.report.plotting import save_figure, theme
from judge.differences import Difference, SetSummary, Summary
from judge.participants import TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANELS = {"accuracy": "Accuracy", "macro_f1": "Macro-F1"}
# of seaborn's "deep": distinct for colour-blind readers; the side of zero says the same
_COLOURS = {"better": "C0", "": "0.45", "worse": "C2"}
_INCHES, _DPI = 10.0, 100  # 1,000 pixels wide
_LEAST_POINTS, _MOST_POINTS = 2.0, 12.0  # of an axis to each side; beyond them is an arrow


def draw_picture(summary: Summary, path: Path) -> None:
    """Draw a row for each set, a panel for each measure; nothing without a comparison."""
    if not summary.sets:
        return
    with theme():
        height = 1.9 + 0.42 * len(summary.sets)
        figure = Figure(figsize=(_INCHES, height), dpi=_DPI, layout="constrained")
        panels = figure.subplots(1, len(_PANELS))
        for axes, (measure, title) in zip(panels, _PANELS.items(), strict=True):
            _draw_panel(axes, summary, measure)
            mean = f"{100 * summary.mean(measure):+.1f}".replace("-", "−")
            axes.set_title(f"{title} (mean {mean})", fontsize=12)
            axes.set_xlabel("points (right of 0: hoiquy is better)", fontsize=11)
        figure.suptitle(
            "hoiquy's default minus the best baseline of each set, with 95% intervals\n"
            "blue: significantly better, red: significantly worse, grey: neither",
            fontsize=13, fontweight="bold",
        )  # fmt: skip
        save_figure(figure, path)


def _draw_panel(axes: "Axes", summary: Summary, measure: str) -> None:
    reach = _reach(summary, measure)
    axes.axvline(0, color="0.2", linewidth=1.2)
    for row, one in enumerate(summary.sets):
        _draw_row(axes, row, one.differences[measure], _colour(one, measure), reach)
    labels = [f"{one.name}\n{TITLES[one.differences[measure].best]}" for one in summary.sets]
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.set_xlim(-reach * 1.08, reach * 1.08)
    axes.set_ylim(len(labels) - 0.4, -0.6)  # the first set on top
    axes.grid(visible=False, axis="y")


def _draw_row(axes: "Axes", row: int, one: Difference, colour: str, reach: float) -> None:
    """A point with its interval and its number; an arrow at the edge for a point beyond it."""
    points, low, high = (100 * value for value in (one.difference, one.low, one.high))
    shown = min(max(points, -reach), reach)
    marker, side = "o", "center"
    if shown == points:
        axes.plot([low, high], [row, row], color=colour, linewidth=2, solid_capstyle="butt")
    else:
        marker, side = ("<", "left") if points < 0 else (">", "right")
    axes.plot([shown], [row], marker, color=colour, markersize=7)
    axes.annotate(
        f"{points:+.1f}".replace("-", "−"), (shown, row), (0, 5), textcoords="offset points",
        ha=side, va="bottom", fontsize=10, color="0.15",
        bbox={"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip


def _reach(summary: Summary, measure: str) -> float:
    """Points to each side of zero: all intervals, unless one is far away."""
    found = [one.differences[measure] for one in summary.sets]
    ends = [100 * abs(end) for one in found for end in (one.low, one.high)]
    return min(max(_LEAST_POINTS, *ends), _MOST_POINTS)


def _colour(one: SetSummary, measure: str) -> str:
    """In accuracy by the verdict; in macro-F1 by the interval, which has no test."""
    if measure == "accuracy":
        return _COLOURS[one.verdict]
    difference = one.differences[measure]
    return _COLOURS["better" if difference.low > 0 else "worse" if difference.high < 0 else ""]
