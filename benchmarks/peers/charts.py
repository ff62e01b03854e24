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
_GAP = 0.9  # between groups of bars, in bars
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
    with theme():
        figure = Figure(figsize=(_width(cases), 5.0), dpi=140, layout="constrained")
        axes = figure.subplots()
        _draw_groups(axes, cases, _milliseconds)
        axes.set_ylabel("milliseconds a training step")
        axes.set_title(
            "One training step: less is better (×: time over that of hoiquy)", fontweight="bold"
        )
        _legend(figure, axes)
        save_figure(figure, path)


def _draw_inference(results: Results, path: Path) -> None:
    from matplotlib.figure import Figure

    panels = (
        ("inference", "Batches of documents: more is better", "documents a second", _rate),
        ("latency", "One at a time: less is better", "milliseconds a document", _milliseconds),
    )
    present = [panel for panel in panels if results.of(panel[0])]
    width = max(_width(results.of(panel[0])) for panel in present)
    with theme():
        figure = Figure(figsize=(width, 4.2 * len(present)), dpi=140, layout="constrained")
        column = figure.subplots(len(present), 1, squeeze=False)[:, 0]
        for axes, (what, title, label, value) in zip(column, present, strict=True):
            _draw_groups(axes, results.of(what), value)
            axes.set_ylabel(label)
            axes.set_title(title, fontweight="bold")
        _legend(figure, column[0])
        save_figure(figure, path)


def _width(cases: Sequence[CaseResult]) -> float:
    """Inches that leave each bar wide enough for its ratio."""
    bars = sum(len({one.name for one in case.participants}) for case in cases)
    return max(7.0, 1.2 + 0.42 * (bars + _GAP * len(cases)))


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
    """Bars of each case side by side; whiskers are lowest and highest.

    A peer with a cut embedding has its bar in front of the one with the full embedding, so that
    what stands out above is what the unreachable rows cost.
    """
    ticks, labels = [], []
    left = 0.0
    for case in cases:
        names = list(dict.fromkeys(one.name for one in case.participants))
        for number, name in enumerate(names):
            full, cut = case.participant(name, "full"), case.participant(name, "cut")
            at = left + number
            if full is not None and cut is not None:
                _bar(axes, case, full, value, at, faint=True)
                _bar(axes, case, cut, value, at, inside=True)
            else:
                of_name = next(one for one in case.participants if one.name == name)
                _bar(axes, case, of_name, value, at)
        ticks.append(left + (len(names) - 1) / 2)
        labels.append(case.label.split(",")[0])
        left += len(names) + _GAP
    axes.set_xticks(ticks, labels)
    axes.grid(visible=False, axis="x")
    axes.margins(x=0.02)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.06)


def _bar(
    axes: "Axes",
    case: CaseResult,
    one: Participant,
    value: Value,
    at: float,
    *,
    faint: bool = False,
    inside: bool = False,
) -> None:
    """One bar with its ratio above it, or inside at its top."""
    middle, low, high = value(case, one)
    axes.bar(
        at, middle, width=0.92, color=_COLOURS[one.name], alpha=0.5 if faint else 1.0,
        hatch="////" if faint else None, edgecolor="white", linewidth=0.6,
        label="_" if faint else one.title,
        yerr=None if inside else [[middle - low], [high - middle]],
        error_kw={"elinewidth": 1.0, "ecolor": "0.25", "capsize": 2},
    )  # fmt: skip
    if one.name != HOIQUY:
        axes.annotate(
            _short(case.ratio(one).median),
            (at, middle if inside else high),
            (0, -4 if inside else 3),
            textcoords="offset points",
            ha="center",
            va="top" if inside else "bottom",
            fontsize=9,
            color="white" if inside else "0.15",
        )


def _short(ratio: float) -> str:
    """2.1×, 0.49× or 16×: two digits that matter."""
    decimals = 2 if ratio < 0.995 else 1 if ratio < 9.95 else 0
    return f"{ratio:.{decimals}f}×"


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


def _milliseconds(case: CaseResult, one: Participant) -> Spread:
    return one.spread()


def _rate(case: CaseResult, one: Participant) -> Spread:
    """Documents a second."""
    return spread([case.batch_size / time * 1e3 for time in one.round_medians()])


def _legend(figure: "Figure", axes: "Axes") -> None:
    """One legend below the figure, each label once; the faint bars have a line of their own."""
    from matplotlib.patches import Patch

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
