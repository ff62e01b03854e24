"""The charts of a run: bars of training steps and of inference, lines over sizes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hoiquy.bench.results import HOIQUY, CaseResult, Participant, Results, Spread, spread
from hoiquy.report.plotting import save_figure, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# of seaborn's "deep", told apart by colour-blind people and, by the hatching, in grey
_COLOURS = {
    HOIQUY: "C0",
    "keras-tensorflow": "C4",
    "keras-jax": "C3",
    "torch": "C2",
    "onnxruntime": "0.45",
}
_MARKERS = {HOIQUY: "o", "keras-tensorflow": "s", "keras-jax": "^", "torch": "D"}
_AXES = {"time": "time steps", "rows": "documents a batch", "units": "units of the LSTM"}

Value = Callable[[CaseResult, Participant], Spread]


def draw_charts(results: Results, folder: Path) -> list[Path]:
    """Draw what the run has into `folder` and return the pictures' paths.

    Raises HoiquyError if a file cannot be written.
    """
    drawn = []
    for what, draw in (
        ("training", _draw_training),
        ("inference", _draw_inference),
        ("sizes", _draw_sizes),
    ):
        if results.of(what):
            path = folder / f"{what}.png"
            draw(results, path)
            drawn.append(path)
    return drawn


def _draw_training(results: Results, path: Path) -> None:
    """A group of bars for each recipe, the ratio to hoiquy on each peer's bar."""
    from matplotlib.figure import Figure

    cases = results.of("training")
    bars = max(len(case.participants) for case in cases)
    with theme():
        width = max(7.0, 1.6 + len(cases) * (0.4 + 0.36 * bars))
        figure = Figure(figsize=(width, 5.0), dpi=140, layout="constrained")
        axes = figure.subplots()
        _draw_groups(axes, cases, lambda case, one: one.spread())
        axes.set_ylabel("milliseconds a training step")
        figure.suptitle("One training step: less is better", fontsize=14, fontweight="bold")
        _legend(figure, axes)
        save_figure(figure, path)


def _draw_inference(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    with theme():
        figure = Figure(figsize=(10, 4.6), dpi=140, layout="constrained")
        many, one = figure.subplots(1, 2)
        _draw_groups(many, results.of("inference"), _documents_a_second)
        many.set_ylabel("documents a second")
        many.set_title("Batches of documents: more is better")
        _draw_groups(one, results.of("latency"), lambda case, who: who.spread())
        one.set_ylabel("milliseconds a document")
        one.set_title("One document at a time: less is better")
        _legend(figure, many)
        save_figure(figure, path)


def _draw_sizes(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    cases = results.of("sizes")
    present = [axis for axis in _AXES if any(case.axis == axis for case in cases)]
    with theme():
        figure = Figure(figsize=(4.2 * len(present), 4.4), dpi=140, layout="constrained")
        row = figure.subplots(1, len(present), squeeze=False)[0]
        for axes, axis in zip(row, present, strict=True):
            _draw_lines(axes, [case for case in cases if case.axis == axis])
            axes.set_xlabel(_AXES[axis])
        row[0].set_ylabel("milliseconds a training step")
        figure.suptitle(
            f"{cases[0].recipe} with one size changed: less is better",
            fontsize=14,
            fontweight="bold",
        )
        _legend(figure, row[0])
        save_figure(figure, path)


def _draw_groups(axes: "Axes", cases: Sequence[CaseResult], value: Value) -> None:
    """Bars of each case side by side; whiskers are lowest and highest."""
    ticks = []
    left = 0.0
    for case in cases:
        for number, one in enumerate(case.participants):
            middle, low, high = value(case, one)
            cut = one.embedding == "cut"
            axes.bar(
                left + number,
                middle,
                width=0.92,
                color=_COLOURS[one.name],
                alpha=0.55 if cut else 1.0,
                hatch="///" if cut else None,
                edgecolor="white",
                linewidth=0.6,
                label=one.title + (", embedding cut" if cut else ""),
                yerr=[[middle - low], [high - middle]],
                error_kw={"elinewidth": 1.0, "ecolor": "0.25", "capsize": 2},
            )
            if one.name != HOIQUY:
                text = f"{case.ratio(one).median:.2f}×"
                axes.annotate(
                    text, (left + number, high), (0, 3), textcoords="offset points",
                    ha="center", va="bottom", fontsize=8,
                )  # fmt: skip
        count = len(case.participants)
        ticks.append((left + (count - 1) / 2, case.label))
        left += count + 0.9
    axes.set_xticks([at for at, _ in ticks], [label for _, label in ticks])
    axes.grid(visible=False, axis="x")
    axes.margins(x=0.02)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.06)


def _draw_lines(axes: "Axes", cases: Sequence[CaseResult]) -> None:
    """A line for each participant over the sizes of one axis."""
    for one in cases[0].participants:
        points = [
            (case.size, found.spread().median)
            for case in cases
            if (found := case.participant(one.name, one.embedding)) is not None
        ]
        axes.plot(
            [size for size, _ in points],
            [time for _, time in points],
            color=_COLOURS[one.name],
            marker=_MARKERS.get(one.name, "x"),
            markersize=5,
            linewidth=2.4 if one.name == HOIQUY else 1.7,
            label=one.title + (", embedding cut" if one.embedding == "cut" else ""),
        )
    axes.set_xticks([case.size for case in cases])
    axes.tick_params(axis="x", labelsize=9)
    axes.set_ylim(bottom=0)


def _documents_a_second(case: CaseResult, one: Participant) -> Spread:
    return spread([case.batch_size / time * 1e3 for time in one.round_medians()])


def _legend(figure: "Figure", axes: "Axes") -> None:
    """One legend below the figure, each label once."""
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    figure.legend(
        once.values(), once.keys(), loc="outside lower center", ncols=min(len(once), 4), fontsize=9
    )
