"""`hoiquy evaluate`: score a run on the test documents of a data set."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hoiquy.cli import options

if TYPE_CHECKING:
    from hoiquy.messages import Lang


@click.command(
    epilog=options.examples(
        "hoiquy evaluate runs/first imdb-train", "hoiquy evaluate runs/first rotten --json"
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@options.lang
@options.as_json
@options.quiet
def evaluate(run: Path, data: str, lang: "Lang", as_json: bool, quiet: bool) -> None:
    """Score the network in the folder RUN on the test documents of DATA.

    Accuracy with its interval, F1, ROC-AUC, log-loss, Brier score, calibration, precision and
    recall of each class, and the confusion matrix.
    """
    from hoiquy.cli.evaluation_table import print_evaluation
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.compilation import finish_compiling, start_compiling
    from hoiquy.data import load_dataset
    from hoiquy.messages import text
    from hoiquy.metrics import evaluate as measure
    from hoiquy.predictor import Predictor
    from hoiquy.runs import load_run
    from hoiquy.statistics import accuracy_interval
    from hoiquy.train_run import reading

    saved = load_run(run)
    with TrainingProgress(quiet) as progress:
        start_compiling(progress)
        predictor = Predictor.from_run(saved)
        dataset = load_dataset(data, reading(progress))
        finish_compiling(progress)
    scores, labels = predictor.score(dataset)
    evaluation = measure(labels, scores.probabilities)
    right = int(evaluation.confusion.trace())
    low, high = accuracy_interval(right, evaluation.documents)
    if as_json:
        measures = evaluation.to_json() | {
            "accuracy_low": low,
            "accuracy_high": high,
            "loss": scores.loss,
            "classes": list(dataset.classes),
            "data": dataset.name,
            "official_test": dataset.official_test,
        }
        click.echo(json.dumps(measures, ensure_ascii=False))
        return
    click.echo(f"{dataset.name}: {dataset.description}")
    click.echo(
        text(
            "evaluation.accuracy",
            lang,
            accuracy=evaluation.accuracy,
            low=low,
            high=high,
            documents=evaluation.documents,
        )
    )
    if not dataset.official_test:
        click.echo(text("evaluation.not_official", lang))
    print_evaluation(evaluation, scores.loss, dataset.classes, lang)
