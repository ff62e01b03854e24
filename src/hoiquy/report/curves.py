"""Learning curves: two figures per run, and an overview of all exercises."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hoiquy.errors import RunError
from hoiquy.messages import Lang, format_number, text
from hoiquy.report.exercises import ExerciseRuns, exercise_label, group_runs, network_name
from hoiquy.report.plotting import (
    TEST_COLOUR,
    TRAIN_COLOUR,
    VALIDATION_COLOUR,
    save_figure,
    show_epochs,
    show_values,
    theme,
)
from hoiquy.runs.folder import Run
from hoiquy.runs.history import EpochRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAST_SPAN = {"accuracy": 8.0, "loss": 0.1}  # percentage points; loss


def draw_learning_curves(
    history: Sequence[EpochRecord], title: str, folder: Path, lang: Lang = "vi"
) -> tuple[Path, Path]:
    """Draw `accuracy.png` and `loss.png` into `folder` and return their paths.

    Raises RunError if no epoch was completed, HoiquyError if a file cannot be written.
    """
    if not history:
        raise RunError(f"{title}: no epoch was completed, so there are no curves to draw")
    accuracy, loss = folder / "accuracy.png", folder / "loss.png"
    draw_curve(history, "accuracy", title, [accuracy], lang)
    draw_curve(history, "loss", title, [loss], lang)
    return accuracy, loss


def draw_overview(runs: Sequence[Run], path: Path, lang: Lang = "vi") -> None:
    """Draw all exercises side by side: one column each, accuracy above loss, one line per seed.

    Raises RunError if no run has completed an epoch, HoiquyError if the file cannot be written.
    """
    from matplotlib.figure import Figure

    groups = group_runs([run for run in runs if run.history])
    if not groups:
        raise RunError("no epoch was completed in any run, so there are no curves to draw")
    with theme():
        figure = Figure(
            figsize=(max(2.6 * len(groups) + 0.6, 4.6), 5.8), dpi=140, layout="constrained"
        )
        grid = figure.subplots(2, len(groups), squeeze=False)
        for column, group in enumerate(groups):
            _draw_column(grid[0][column], grid[1][column], group, lang)
        _share_height(grid[0])
        grid[0][0].set_ylabel(text("curve.accuracy_axis", lang))
        grid[1][0].set_ylabel(text("curve.loss_axis", lang))
        named = {line.get_label(): line for axes in grid[0] for line in axes.get_lines()}
        figure.legend(handles=list(named.values()), loc="outside lower center", ncols=len(named))
        save_figure(figure, path)


def draw_curve(
    history: Sequence[EpochRecord],
    measure: str,
    title: str,
    paths: Sequence[Path],
    lang: Lang,
    size: tuple[float, float] = (8, 4.8),
) -> None:
    """Draw one measure of a history into files.

    Args:
        history: at least one epoch.
        measure: "accuracy" or "loss".
        title: first line of the title; "" for none, where the figure has a caption.
        paths: files to write, PNG or SVG.
        lang: language of the labels.
        size: width and height in inches.

    Raises:
        HoiquyError: a file cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with theme():
        figure = Figure(
            figsize=size, dpi=150, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.06)
        )
        axes = figure.subplots()
        train, validation = _series(history, measure)
        _plot(axes, train, TRAIN_COLOUR, text("curve.train", lang), dashed=False)
        _plot(axes, validation, VALIDATION_COLOUR, text("curve.validation", lang), dashed=True)
        show_epochs(axes, len(history), most_ticks=round(2.5 * size[0]))
        show_values(axes, [*train, *validation], _LEAST_SPAN[measure], lang)
        _label_ends(axes, train, validation, measure, lang)
        if title:
            figure.suptitle(title, fontsize=15, fontweight="bold")
        axes.set_title(text(f"curve.{measure}", lang), fontsize=13)
        axes.set_xlabel(text("curve.epoch", lang), fontsize=13)
        axes.set_ylabel(text(f"curve.{measure}_axis", lang), fontsize=13)
        axes.tick_params(labelsize=12)
        axes.legend(fontsize=12, frameon=True, facecolor="white", framealpha=0.85, loc="best")
        for path in paths:
            save_figure(figure, path)


def _draw_column(accuracy: "Axes", loss: "Axes", group: ExerciseRuns, lang: Lang) -> None:
    """Draw one exercise of the overview; the test accuracy is a dotted line."""
    alpha = 1.0 if len(group.runs) == 1 else 0.6
    for axes, measure in ((accuracy, "accuracy"), (loss, "loss")):
        values: list[float] = []
        for run in group.runs:
            train, validation = _series(run.history, measure)
            _plot(axes, train, TRAIN_COLOUR, text("curve.train", lang), alpha=alpha, small=True)
            _plot(
                axes,
                validation,
                VALIDATION_COLOUR,
                text("curve.validation", lang),
                dashed=True,
                alpha=alpha,
                small=True,
            )
            values += [*train, *validation]
            if measure == "accuracy" and run.result.test_accuracy is not None:
                values.append(100 * run.result.test_accuracy)
                axes.axhline(
                    values[-1],
                    color=TEST_COLOUR,
                    linestyle=":",
                    linewidth=1.8,
                    alpha=alpha,
                    label=text("curve.test", lang),
                )
        show_epochs(axes, max(len(run.history) for run in group.runs), most_ticks=10)
        show_values(axes, values, _LEAST_SPAN[measure], lang)
    name = network_name(group.runs[0].recipe).replace(" → ", " →\n")
    accuracy.set_title(f"{exercise_label(group.name, lang)}\n{name}", fontsize=11)
    loss.set_xlabel(text("curve.epoch", lang))


def _series(history: Sequence[EpochRecord], measure: str) -> tuple[list[float], list[float]]:
    """Training and validation values; accuracy in per cent."""
    if measure == "accuracy":
        return (
            [100 * record.accuracy for record in history],
            [100 * record.val_accuracy for record in history],
        )
    return [record.loss for record in history], [record.val_loss for record in history]


def _plot(
    axes: "Axes",
    values: Sequence[float],
    colour: str,
    label: str,
    *,
    dashed: bool = False,
    alpha: float = 1.0,
    small: bool = False,
) -> None:
    """Draw a line with markers, visible for a single epoch and distinct when printed in grey."""
    axes.plot(
        range(1, len(values) + 1),
        values,
        color=colour,
        label=label,
        linestyle="--" if dashed else "-",
        marker="s" if dashed else "o",
        markersize=4 if small else 6,
        linewidth=1.8 if small else 2.2,
        alpha=alpha,
    )


def _label_ends(
    axes: "Axes", train: Sequence[float], validation: Sequence[float], measure: str, lang: Lang
) -> None:
    """Write the last values at the right edge, without overlap."""
    style = "decimal1" if measure == "accuracy" else "decimal3"
    bottom, top = axes.get_ylim()
    room = 0.06 * (top - bottom)  # height of a label
    ends = sorted([(train[-1], TRAIN_COLOUR), (validation[-1], VALIDATION_COLOUR)])
    nudge = max(room - (ends[1][0] - ends[0][0]), 0) / 2
    for shift, (value, colour) in zip((-nudge, nudge), ends, strict=True):
        axes.text(
            1.01,
            value + shift,
            format_number(value, style, lang),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=12,
            fontweight="bold",
            color=colour,
        )


def _share_height(row: Sequence["Axes"]) -> None:
    """Give all accuracy plots the same scale."""
    low = min(axes.get_ylim()[0] for axes in row)
    high = max(axes.get_ylim()[1] for axes in row)
    for axes in row:
        axes.set_ylim(low, high)
