"""`hoiquy evaluate`: score a run on the test documents of a data set."""

import json
from pathlib import Path

import click

from hoiquy.cli import options


@click.command(
    epilog=options.examples(
        "hoiquy evaluate runs/first imdb-train", "hoiquy evaluate runs/first rotten --json"
    )
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@options.as_json
@options.quiet
def evaluate(run: Path, data: str, as_json: bool, quiet: bool) -> None:
    """Score the network in the folder RUN on the test documents of DATA."""
    from hoiquy.cli.progress import TrainingProgress
    from hoiquy.compilation import finish_compiling, start_compiling
    from hoiquy.data import load_dataset
    from hoiquy.metrics import macro_f1
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
    predicted = scores.probabilities.argmax(axis=1)
    low, high = accuracy_interval(int((predicted == labels).sum()), len(labels))
    measures = {
        "accuracy": scores.accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "macro_f1": macro_f1(labels, predicted, len(dataset.classes)),
        "loss": scores.loss,
        "documents": len(labels),
        "data": dataset.name,
        "official_test": dataset.official_test,
    }
    if as_json:
        click.echo(json.dumps(measures, ensure_ascii=False))
        return
    click.echo(f"{dataset.name}: {dataset.description}")
    click.echo(
        f"accuracy {scores.accuracy:.2%} (95 % interval {low:.2%} to {high:.2%}), "
        f"macro F1 {measures['macro_f1']:.4f}, loss {scores.loss:.4f}, {len(labels):,} documents"
    )
