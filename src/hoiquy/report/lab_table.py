"""The summary table of a lab, for the terminal and the report."""

from collections.abc import Sequence
from contextlib import suppress

from hoiquy.errors import RunError
from hoiquy.messages import Lang, text
from hoiquy.report.exercises import (
    ExerciseRuns,
    group_runs,
    structure_of,
)
from hoiquy.report.scores import Accuracy, accuracy_of
from hoiquy.runs.ensemble import ensemble_of
from hoiquy.runs.folder import Run

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
    """Return the header and one row per exercise, all cells as text.

    Several seeds of an exercise share a row: accuracies and times are means, and the test cell has
    the range over the seeds instead of the 95% interval.
    """
    header = [text(f"table.{column}", lang) for column in COLUMNS]
    return header, [_row(group, lang) for group in group_runs(runs)]


def _row(group: ExerciseRuns, lang: Lang) -> list[str]:
    first = group.runs[0]
    published = group.published
    return [
        group.label(lang),
        structure_of(first, lang),
        _parameters(first, lang),
        epochs_cell(group.runs, lang),
        accuracy_cell([run.history[-1].accuracy for run in group.runs if run.history], lang),
        accuracy_cell(validation_accuracies(group.runs), lang),
        _test(group.runs, lang),
        text("table.accuracy", lang, accuracy=published.accuracy / 100) if published else NOTHING,
        seconds_cell(group.runs, lang),
    ]


def _parameters(run: Run, lang: Lang) -> str:
    key = "parameters_unreachable" if run.result.unreachable_parameters else "parameters_all"
    return text(
        f"table.{key}",
        lang,
        parameters=run.result.parameters,
        unreachable=run.result.unreachable_parameters,
    )


def validation_accuracies(runs: Sequence[Run]) -> list[float]:
    """Validation accuracy of the last epoch of each run; cross-validated, of each ensemble."""
    found = []
    for run in runs:
        if run.history:
            found.append(run.history[-1].val_accuracy)
        with suppress(RunError):
            if (ensemble := ensemble_of(run)) is not None:
                found.append(ensemble.held_out.accuracy)
    return found


def epochs_cell(runs: Sequence[Run], lang: Lang) -> str:
    """Completed epochs, with the planned number if a run was interrupted."""
    cells = []
    for run in runs:
        elsewhere = run.result.status == "untested" and not run.history
        if elsewhere or run.result.is_ensemble:
            continue
        key = "epochs_cut" if run.result.status == "interrupted" else "epochs_done"
        values = {"epochs": len(run.history), "planned": run.recipe.training.epochs}
        cells.append(text(f"table.{key}", lang, **values))
    return ", ".join(dict.fromkeys(cells)) or NOTHING


def _test(runs: Sequence[Run], lang: Lang) -> str:
    scores = [score for run in runs if (score := accuracy_of(run)) is not None]
    if not scores:
        return NOTHING
    if len(scores) == 1:
        return _with_interval(scores[0], lang)
    accuracies = [score.accuracy for score in scores]
    return text(
        "table.accuracy_seeds",
        lang,
        accuracy=mean(accuracies),
        low=min(accuracies),
        high=max(accuracies),
        seeds=len(accuracies),
    )


def _with_interval(score: Accuracy, lang: Lang) -> str:
    values = {"accuracy": score.accuracy, "low": score.low, "high": score.high}
    return text("table.accuracy_interval", lang, **values)


def seconds_cell(runs: Sequence[Run], lang: Lang) -> str:
    """Mean time of one training; unknown if cost.json is missing."""
    seconds = []
    for run in runs:
        with suppress(RunError):
            seconds.append(run.cost().seconds)
    return text("table.seconds", lang, seconds=mean(seconds)) if seconds else NOTHING


def accuracy_cell(accuracies: Sequence[float], lang: Lang) -> str:
    """The mean of accuracies, fractions; a dash if there are none."""
    return text("table.accuracy", lang, accuracy=mean(accuracies)) if accuracies else NOTHING


def mean(values: Sequence[float]) -> float:
    """The mean of at least one value."""
    return sum(values) / len(values)
