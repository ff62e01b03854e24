"""Draw test accuracy against training time of runs, self-trainings and baselines."""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import hoiquy
from hoiquy.comparison.baselines.saved import FACTS, load_baseline
from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.report.plotting import save_figure, theme
from hoiquy.workflows.distillation.soft_labels import load_soft_labels
from hoiquy.workflows.self_training import SOFT_LABELS, TEACHER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLES = {
    "majority": "majority class",
    "tfidf-logistic": "TF-IDF + logistic regression",
    "nb-svm": "Naive Bayes SVM",
}


class Point(NamedTuple):
    """A classifier: processor minutes, accuracy (%), and half of the interval over seeds."""

    name: str
    minutes: float
    accuracy: float
    half: float
    seeds: int


def points_of_runs(folders: list[str]) -> list[Point]:
    """One for each recipe, the seconds of a self-training with those of the teacher."""
    measured: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for said in folders:
        folder, _, minutes = said.partition("=")
        run, seconds = trained(Path(folder))
        accuracy = run.result.test_accuracy
        assert accuracy is not None and run.result.official_test, f"{folder} was not tested"
        measured[run.result.recipe].append(
            (float(minutes) if minutes else seconds / 60, 100 * accuracy)
        )
    return [_point(name, np.array(values)) for name, values in measured.items()]


def trained(folder: Path) -> tuple[hoiquy.Run, float]:
    """The run of a folder, and the processor seconds of all that it needed."""
    run = hoiquy.load_run(folder)
    costs = [run.cost()]
    if (folder / TEACHER).exists():
        teacher, soft_labels = hoiquy.load_run(folder / TEACHER), folder / SOFT_LABELS
        costs += [teacher.cost(), load_soft_labels(soft_labels).cost()]
    return run, sum(cost.processor_seconds for cost in costs)


def _point(name: str, values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Point:
    minutes, accuracy = values.mean(axis=0)
    assert minutes > 0, f"{name}: its runs were not measured; say FOLDER=MINUTES"
    low, high = mean_interval(values[:, 1].tolist()) if len(values) > 1 else (accuracy, accuracy)
    return Point(name, float(minutes), float(accuracy), (high - low) / 2, len(values))


def points_of_baselines(folder: Path) -> list[Point]:
    """Without the majority class, which would be half a chart below; they run in one thread."""
    found = []
    for place in sorted(path.parent for path in folder.glob(f"*/{FACTS}")):
        baseline = load_baseline(place)
        if baseline.name == "majority":
            continue
        predictions = baseline.predictions
        right = predictions.probabilities.argmax(axis=1) == predictions.labels
        title = _TITLES[baseline.name]
        found.append(Point(title, baseline.facts.seconds / 60, 100 * float(right.mean()), 0.0, 1))
    return found


def draw(axes: "Axes", networks: list[Point], baselines: list[Point]) -> None:
    for points, marker, colour in ((networks, "o", "C0"), (baselines, "s", "0.45")):
        for point in points:
            axes.errorbar(
                point.minutes, point.accuracy, yerr=point.half, fmt=marker, color=colour, capsize=3
            )
            axes.annotate(
                point.name, (point.minutes, point.accuracy), xytext=(7, -3),
                textcoords="offset points",
            )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("processor minutes of training (logarithmic)")
    axes.set_ylabel("accuracy on the official test reviews (%)")
    axes.set_title("IMDB reviews: accuracy against training time", fontweight="bold")
    axes.margins(x=0.2, y=0.1)


def main() -> None:
    from matplotlib.figure import Figure

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", metavar="FOLDER[=MINUTES]")
    parser.add_argument("--baselines", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    asked = parser.parse_args()
    networks, baselines = points_of_runs(asked.folders), points_of_baselines(asked.baselines)
    for point in [*networks, *baselines]:
        print(
            f"{point.name}: {point.accuracy:.2f} ± {point.half:.2f} %, {point.minutes:.1f} "
            f"minutes, {point.seeds} seeds"
        )
    with theme():
        figure = Figure(figsize=(8.0, 5.0), dpi=140, layout="constrained")
        draw(figure.subplots(), networks, baselines)
        save_figure(figure, asked.out)


if __name__ == "__main__":
    main()
