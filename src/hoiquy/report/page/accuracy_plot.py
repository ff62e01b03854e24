"""The test accuracy of a network or baseline with its interval, drawn as a row."""

from collections.abc import Sequence

from hoiquy.comparison import Candidate
from hoiquy.comparison.statistics.seeds import mean_interval
from hoiquy.report.lab_table import mean
from hoiquy.report.page.scale import Plot
from hoiquy.report.published import Published
from hoiquy.report.scores import accuracy_of
from hoiquy.runs.folder import Run


def plot_of(runs: Sequence[Run], published: Published | None) -> Plot | None:
    """Accuracy of runs that differ only in the seed; None if none is complete.

    The interval is over the documents (Wilson's), or over the seeds if there are several.
    """
    scores = [score for run in runs if (score := accuracy_of(run)) is not None]
    if not scores:
        return None
    sheet = published.accuracy / 100 if published else None
    if len(scores) == 1:
        return Plot(scores[0].accuracy, scores[0].low, scores[0].high, sheet)
    accuracies = tuple(score.accuracy for score in scores)
    return Plot(mean(accuracies), *mean_interval(accuracies), sheet, accuracies)


def baseline_plot(candidate: Candidate) -> Plot:
    return Plot(candidate.accuracy, *candidate.interval())
