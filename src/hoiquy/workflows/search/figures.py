"""Figures of a search: accuracy of trials, importance and values of parameters."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hoiquy.messages import Lang, format_number, text
from hoiquy.report.plotting import (
    TEST_COLOUR,
    TRAIN_COLOUR,
    VALIDATION_COLOUR,
    save_figure,
    show_epochs,
    show_values,
    theme,
    tick_formatter,
)
from hoiquy.workflows.search.space import Value
from hoiquy.workflows.search.study import Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HISTORY, IMPORTANCE, PARALLEL = "history.png", "importance.png", "parallel_coordinate.png"
_DPI = 150
_LEAST_SPAN = 2.0  # per cent


def shown_value(value: Value, lang: Lang) -> str:
    """A parameter's value for people: numbers have four significant digits."""
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    return format_number(
        value if isinstance(value, int) else float(f"{value:.4g}"), "general", lang
    )


def draw_search(
    ranked: Sequence[Trial],
    trials: Sequence[Trial],
    importances: Mapping[str, float],
    folder: Path,
    lang: Lang,
) -> None:
    """Draw the figures of a search with a complete trial. Raises WriteError.

    ranked: the complete trials, best first. trials: all. importances: empty if unknown.
    """
    with theme():
        _draw_history(trials, folder / HISTORY, lang)
        _draw_parallel(ranked, folder / PARALLEL, lang)
        if importances:
            _draw_importances(importances, folder / IMPORTANCE, lang)


def _draw_history(trials: Sequence[Trial], path: Path, lang: Lang) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.8), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    values = []
    for state, marker, colour in (("complete", "o", TRAIN_COLOUR), ("pruned", "x", TEST_COLOUR)):
        found = [(one.number, 100 * (one.value or 0)) for one in trials if _shown(one, state)]
        if found:
            label = text(f"search.{state}", lang)
            axes.scatter(*zip(*found, strict=True), marker=marker, color=colour, label=label)
        values += [value for _, value in found]
    complete = [one for one in trials if _shown(one, "complete")]
    best = [
        max(100 * (one.value or 0) for one in complete[: at + 1]) for at in range(len(complete))
    ]
    axes.step(
        [one.number for one in complete],
        best,
        where="post",
        color=VALIDATION_COLOUR,
        label=text("search.best_so_far", lang),
    )
    show_epochs(axes, max(one.number for one in trials), most_ticks=20)
    show_values(axes, values, _LEAST_SPAN, lang)
    axes.set_title(text("search.history", lang))
    axes.set_xlabel(text("search.trial", lang))
    axes.set_ylabel(text("search.accuracy_axis", lang))
    axes.legend(frameon=True, facecolor="white", framealpha=0.85)
    save_figure(figure, path)


def _shown(trial: Trial, state: str) -> bool:
    return trial.state == state and trial.value is not None


def _draw_importances(importances: Mapping[str, float], path: Path, lang: Lang) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.6 + 0.5 * len(importances)), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    names, shares = list(importances)[::-1], list(importances.values())[::-1]
    bars = axes.barh(names, shares)
    axes.bar_label(bars, [format_number(one, "percent0", lang) for one in shares], padding=4)
    axes.set_xlim(0, 1.15 * max(shares))
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.set_title(text("search.importance", lang))
    save_figure(figure, path)


def _draw_parallel(ranked: Sequence[Trial], path: Path, lang: Lang) -> None:
    """A line per complete trial through its parameter values, coloured by accuracy."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    names = list(ranked[0].parameters)
    columns = [_scaled([one.parameters[name] for one in ranked]) for name in names]
    accuracies = [100 * (one.value or 0) for one in ranked]
    scale = Normalize(min(accuracies), max(accuracies))
    colours = ScalarMappable(scale, colormaps["viridis"])
    figure = Figure(figsize=(max(2 * len(names) + 2, 6), 5.4), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    for at, accuracy in reversed(list(enumerate(accuracies))):  # the best one on top
        line = [column[at] for column, _ in columns]
        axes.plot(
            range(len(names)), line, marker="o", color=colormaps["viridis"](scale(accuracy)),
            linewidth=2.5 if at == 0 else 1.2, alpha=1 if at == 0 else 0.7,
        )  # fmt: skip
    for place, (_, marks) in enumerate(columns):
        _label_column(axes, place, marks, lang)
    axes.set_xticks(range(len(names)), [name.replace(".", ".\n") for name in names])
    axes.set_xlim(-0.3, len(names) - 0.5)
    axes.set_yticks([])
    axes.set_title(text("search.parallel", lang))
    bar = figure.colorbar(colours, ax=axes, label=text("search.accuracy_axis", lang))
    bar.ax.yaxis.set_major_formatter(tick_formatter(lang))
    save_figure(figure, path)


Marks = list[tuple[float, Value]]  # height in the figure, and value


def _scaled(values: Sequence[Value]) -> tuple[list[float], Marks]:
    """Values of a parameter scaled to 0 … 1, and the labelled heights.

    The scale is logarithmic if the largest number is more than 30 times the smallest.
    """
    numbers = [float(one) for one in values if not isinstance(one, bool | str)]
    if len(numbers) < len(values):
        kinds = sorted(set(map(str, values)))
        heights = {kind: at / max(len(kinds) - 1, 1) for at, kind in enumerate(kinds)}
        return [heights[str(one)] for one in values], [(at, kind) for kind, at in heights.items()]
    low, high = min(numbers), max(numbers)
    spread = math.log if low > 0 and high > 30 * low else float
    start, width = spread(low), (spread(high) - spread(low)) or 1.0
    scaled = [(spread(one) - start) / width for one in numbers]
    return scaled, [(0.0, low), (1.0, high)] if high > low else [(0.0, low)]


def _label_column(axes: "Axes", place: int, marks: Marks, lang: Lang) -> None:
    axes.axvline(place, color="white", linewidth=2, zorder=0)
    for height, value in marks:
        shown = shown_value(value, lang)
        axes.annotate(shown, (place, height), xytext=(5, 4), textcoords="offset points", fontsize=9)
