"""The summary table of a lab, for the terminal and for the report alike."""

from collections.abc import Sequence

from hoiquy.messages import Lang, text
from hoiquy.report.exercises import (
    ExerciseRuns,
    exercise_label,
    group_runs,
    network_name,
)
from hoiquy.report.scores import Score, score_of
from hoiquy.runs import Run

COLUMNS = (
    "exercise",
    "network",
    "parameters",
    "epochs",
    "train",
    "validation",
    "test",
    "published",
    "time",
)
NOTHING = "–"


def lab_table(runs: Sequence[Run], lang: Lang) -> tuple[list[str], list[list[str]]]:
    """Return the header and one row an exercise, all cells as text.

    Several seeds of an exercise share a row: accuracies and times are means, and the test cell has
    the range over the seeds instead of the 95 % interval. Raises RunError for damaged predictions.
    """
    header = [text(f"table.{column}", lang) for column in COLUMNS]
    return header, [_row(group, lang) for group in group_runs(runs)]


def _row(group: ExerciseRuns, lang: Lang) -> list[str]:
    first = group.runs[0]
    published = group.published
    return [
        exercise_label(group.name, lang),
        network_name(first.recipe),
        _parameters(first, lang),
        _epochs(group.runs, lang),
        _mean_accuracy([run.history[-1].accuracy for run in group.runs if run.history], lang),
        _mean_accuracy([run.history[-1].val_accuracy for run in group.runs if run.history], lang),
        _test(group.runs, lang),
        text("table.accuracy", lang, accuracy=published.accuracy / 100) if published else NOTHING,
        text("table.seconds", lang, seconds=_mean([run.cost().seconds for run in group.runs])),
    ]


def _parameters(run: Run, lang: Lang) -> str:
    key = "parameters_dead" if run.result.dead_parameters else "parameters_all"
    return text(
        f"table.{key}", lang, parameters=run.result.parameters, dead=run.result.dead_parameters
    )


def _epochs(runs: Sequence[Run], lang: Lang) -> str:
    """Epochs finished, beside those planned where a run was interrupted."""
    cells = []
    for run in runs:
        key = "epochs_cut" if run.result.status == "interrupted" else "epochs_done"
        values = {"epochs": len(run.history), "planned": run.recipe.training.epochs}
        cells.append(text(f"table.{key}", lang, **values))
    return ", ".join(dict.fromkeys(cells))


def _test(runs: Sequence[Run], lang: Lang) -> str:
    scores = [score for run in runs if (score := score_of(run)) is not None]
    if not scores:
        return NOTHING
    if len(scores) == 1:
        return _with_interval(scores[0], lang)
    accuracies = [score.accuracy for score in scores]
    return text(
        "table.accuracy_seeds",
        lang,
        accuracy=_mean(accuracies),
        low=100 * min(accuracies),
        high=100 * max(accuracies),
        seeds=len(accuracies),
    )


def _with_interval(score: Score, lang: Lang) -> str:
    values = {"accuracy": score.accuracy, "low": 100 * score.low, "high": 100 * score.high}
    return text("table.accuracy_interval", lang, **values)


def _mean_accuracy(accuracies: Sequence[float], lang: Lang) -> str:
    return text("table.accuracy", lang, accuracy=_mean(accuracies)) if accuracies else NOTHING


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
