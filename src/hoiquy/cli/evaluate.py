"""`hoiquy evaluate`: score a run on the test documents of a data set, or on a whole table."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.data import Dataset, Progress, TableOptions
    from hoiquy.messages import Lang
    from hoiquy.runs.folder import Run
    from hoiquy.training.scoring import Scores


@click.command(
    epilog=options.examples(
        "hoiquy evaluate runs/first imdb-train",
        "hoiquy evaluate runs/first rotten --json",
        "hoiquy evaluate runs/mine new-reviews.csv --text review --label stars",
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@options.table
@options.lang
@options.as_json
@options.quiet
def evaluate(
    run: Path,
    data: str,
    table: "TableOptions",
    lang: "Lang",
    as_json: bool,
    quiet: bool,
) -> None:
    """Score the network in the folder RUN on the test documents of DATA, or on all rows of a table.

    Accuracy with its interval, F1, ROC-AUC, log-loss, Brier score, calibration, precision and
    recall of each class, and the confusion matrix. Of several labels a document: subset accuracy,
    micro and macro F1, Hamming loss, and the measures of each label.
    """
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.comparison.statistics import accuracy_interval
    from hoiquy.events import reading
    from hoiquy.nn.metrics import evaluate as measure
    from hoiquy.nn.metrics import evaluate_multilabel as measure_several
    from hoiquy.nn.metrics import right_documents
    from hoiquy.prediction.predictor import Predictor
    from hoiquy.runs.folder import load_run
    from hoiquy.training.kernel_compilation import finish_compiling, start_compiling

    saved = load_run(run)
    with TrainingProgress(quiet) as progress:
        start_compiling(progress)
        predictor = Predictor.from_run(saved)
        dataset, notes = _read(saved, data, table, reading(progress), progress.say)
        for line in notes if as_json else notes[1:]:
            progress.say(line)
        finish_compiling(progress)
    scores, labels = predictor.score(dataset)
    several = predictor.multilabel
    evaluation = (measure_several if several else measure)(labels, scores.probabilities)
    right = int(right_documents(labels, scores.probabilities).sum())
    low, high = accuracy_interval(right, evaluation.documents)
    if as_json:
        measures = evaluation.to_json() | {
            "multilabel": several,
            "accuracy": scores.accuracy,
            "accuracy_low": low,
            "accuracy_high": high,
            "loss": scores.loss,
            "classes": list(dataset.classes),
            "data": dataset.name,
            "official_test": dataset.official_test,
        }
        click.echo(json.dumps(measures, ensure_ascii=False))
        return
    _print(dataset, evaluation, scores, (low, high), lang)


def _print(
    dataset: "Dataset", evaluation: Any, scores: "Scores", interval: tuple[float, float],
    lang: "Lang",
) -> None:  # fmt: skip
    """interval: of the accuracy."""
    from hoiquy.cli.evaluation_table import print_evaluation
    from hoiquy.cli.multilabel_table import print_multilabel
    from hoiquy.messages import text

    click.echo(f"{dataset.name}: {dataset.description}")
    low, high = interval
    figures = {"accuracy": scores.accuracy, "low": low, "high": high}
    kind = "subset_accuracy" if dataset.multilabel else "accuracy"
    click.echo(text(f"evaluation.{kind}", lang, documents=evaluation.documents, **figures))
    if not dataset.official_test:
        click.echo(text("evaluation.not_official", lang))
    show: Any = print_multilabel if dataset.multilabel else print_evaluation
    show(evaluation, scores.loss, dataset.classes, lang)


def _read(
    run: "Run",
    data: str,
    chosen: "TableOptions",
    on_progress: "Progress",
    say: Callable[[str], None],
) -> tuple["Dataset", list[str]]:
    """The data set, a table as one of test documents alone; and what is to be said of it."""
    from hoiquy.data import load_dataset
    from hoiquy.data.source import trained_options
    from hoiquy.data.tables.dataset import load_whole_table
    from hoiquy.data.tables.formats import is_table
    from hoiquy.data.tables.remembered_columns import remembered

    path = Path(data).expanduser()
    if not is_table(path):
        return load_dataset(data, on_progress, options=chosen), []
    chosen = remembered(path, chosen, trained_options(run.environment()), say, labelled=True)
    dataset = load_whole_table(
        path, tuple(run.result.classes), chosen, on_progress, run.result.multilabel
    )
    notes = [dataset.description]  # on a terminal it stands above the figures
    if str(path.resolve()) == run.environment().get("data_source"):
        tested = run.result.test_accuracy  # None: never, as a trial of a search
        accuracy = "on which it was never scored" if tested is None else f"{tested:.2%}"
        notes.append(
            f"{data} is the table that the network was trained on, so this is too good: what "
            f"counts is the run's test part, {accuracy}"
        )
    return dataset, notes
